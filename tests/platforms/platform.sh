# What the scripts know of $platform; they read this file with `.`, with $root set.
#   target   of Rust, with the glibc for zig
#   runner   the program that runs its programs here; empty: they run as they are, `none`: they cannot run here
#   how      the word for that in the table
#   npm      the name of its npm package
glibc='' runner='' wheel='' npm=$platform
case $platform in
linux-x64-gnu) target=x86_64-unknown-linux-gnu glibc=.2.28 how="run natively" wheel=manylinux2014 ;;
linux-x64-musl) target=x86_64-unknown-linux-musl how="run natively" wheel=musllinux_1_2 ;;
linux-arm64-gnu)
    target=aarch64-unknown-linux-gnu glibc=.2.28 how="run under emulation" wheel=manylinux2014
    runner=qemu-aarch64-static
    ;;
linux-arm64-musl)
    target=aarch64-unknown-linux-musl how="run under emulation" wheel=musllinux_1_2
    runner=qemu-aarch64-static
    ;;
win32-x64-gnu)
    # A release compiles with msvc, which runs only on Windows.
    target=x86_64-pc-windows-gnu how="run under emulation" npm=win32-x64-msvc
    runner=$root/tests/windows/wine
    ;;
darwin-arm64) target=aarch64-apple-darwin how="not yet run" runner=none ;;
darwin-x64) target=x86_64-apple-darwin how="not yet run" runner=none ;;
*) echo "platforms: no platform \`$platform\`" >&2; exit 2 ;;
esac
built=$root/build/platforms/target/$target/release
out=$root/build/platforms/$platform
