//! Both keys into a file of 50,000 lines, against a plain write of the same bytes to a new file with a flush; and finding
//! a key in a file of 20 lines.
#![allow(missing_docs, clippy::unwrap_used)]

use std::io::Write;

use criterion::{Criterion, criterion_group, criterion_main};
use libatmn::{ApiKey, ResolveOptions, SaveOptions, resolve_key, save_keys};

fn save(criterion: &mut Criterion) {
    let project = tempfile::tempdir().unwrap();
    let path = project.path().join(".env");
    let lines: String =
        (0..50_000).map(|number| format!("VARIABLE_{number}=\"value {number}\" # a comment\n")).collect();
    let options = SaveOptions { directory: Some(project.path().into()), ..SaveOptions::default() };
    let pairs: Vec<[ApiKey; 2]> = ["a", "b"]
        .map(|tail| {
            let key = |kind: &str| ApiKey::parse(&format!("am_sk_{kind}_{}", tail.repeat(42))).unwrap();
            [key("test"), key("live")]
        })
        .into();
    std::fs::write(&path, &lines).unwrap();
    let mut turn = 0;
    criterion.bench_function("save both keys, 50,000 lines", |bencher| {
        bencher.iter(|| {
            turn += 1;
            save_keys(&pairs[turn % 2], &options).unwrap()
        });
    });
    let bytes = std::fs::read(&path).unwrap();
    let plain = project.path().join("plain");
    criterion.bench_function("write the same bytes to a new file, flushed", |bencher| {
        bencher.iter(|| {
            let _ = std::fs::remove_file(&plain);
            let mut file = std::fs::File::create(&plain).unwrap();
            file.write_all(&bytes).unwrap();
            file.sync_all().unwrap();
        });
    });
}

fn resolve(criterion: &mut Criterion) {
    let project = tempfile::tempdir().unwrap();
    let lines: String = (0..19).map(|number| format!("VARIABLE_{number}=value\n")).collect();
    let text = format!("{lines}AUTUMN_SECRET_KEY=am_sk_test_0123456789ab\n");
    std::fs::write(project.path().join(".env"), text).unwrap();
    for depth in [0, 10] {
        let directory = (0..depth).fold(project.path().to_path_buf(), |path, _| path.join("d"));
        std::fs::create_dir_all(&directory).unwrap();
        let options = ResolveOptions { directory: Some(directory), ..ResolveOptions::default() };
        criterion.bench_function(&format!("resolve, 20 lines, depth {depth}"), |bencher| {
            bencher.iter(|| resolve_key(&options).unwrap());
        });
    }
}

criterion_group!(benches, save, resolve);
criterion_main!(benches);
