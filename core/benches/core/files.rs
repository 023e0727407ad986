//! Saving both keys in files of several sizes, compared with writing, flushing and renaming the same bytes; and resolving a
//! key in a file of 20 lines.

use std::io::Write;

use criterion::Criterion;
use libatmn::{ApiKey, ResolveOptions, SaveOptions, resolve_key, save_keys};

pub(crate) fn save(criterion: &mut Criterion) {
    for lines in [20, 5_000, 50_000, 200_000] {
        let project = tempfile::tempdir().unwrap();
        let (path, plain) = (project.path().join(".env"), project.path().join("plain"));
        let text: String = (0..lines).map(|line| format!("VARIABLE_{line}=\"value {line}\" # a comment\n")).collect();
        std::fs::write(&path, &text).unwrap();
        let options = SaveOptions { directory: Some(project.path().into()), ..SaveOptions::default() };
        let pairs = ["a", "b"].map(pair);
        let mut group = criterion.benchmark_group("files");
        group.sample_size(50);
        let mut turn = 0;
        group.bench_function(format!("save {lines}"), |bencher| {
            bencher.iter(|| {
                turn += 1;
                save_keys(&pairs[turn % 2], &options).unwrap()
            });
        });
        let bytes = std::fs::read(&path).unwrap();
        group.bench_function(format!("write {lines}"), |bencher| {
            bencher.iter(|| replace(&plain, &bytes));
        });
    }
}

fn pair(tail: &str) -> [ApiKey; 2] {
    ["test", "live"].map(|kind| ApiKey::parse(&format!("am_sk_{kind}_{}", format!("{tail}0").repeat(21))).unwrap())
}

/// Replaces a file in one atomic step, without looking at what it holds.
fn replace(path: &std::path::Path, bytes: &[u8]) {
    let temporary = path.with_extension("tmp");
    let mut file = std::fs::File::create_new(&temporary).unwrap();
    file.write_all(bytes).unwrap();
    file.sync_all().unwrap();
    std::fs::rename(&temporary, path).unwrap();
}

pub(crate) fn resolve(criterion: &mut Criterion) {
    let project = tempfile::tempdir().unwrap();
    let lines: String = (0..19).map(|number| format!("VARIABLE_{number}=value\n")).collect();
    let text = format!("{lines}AUTUMN_SECRET_KEY=am_sk_test_0123456789ab\n");
    std::fs::write(project.path().join(".env"), text).unwrap();
    for depth in [0, 10] {
        let directory = (0..depth).fold(project.path().to_path_buf(), |path, _| path.join("d"));
        std::fs::create_dir_all(&directory).unwrap();
        let options = ResolveOptions { directory: Some(directory), ..ResolveOptions::default() };
        criterion.benchmark_group("files").bench_function(format!("resolve {depth}"), |bencher| {
            bencher.iter(|| resolve_key(&options).unwrap());
        });
    }
}
