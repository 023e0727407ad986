// swift-tools-version:5.7
// Lists the customers with the active key. pkg-config names the folders of header and library.
//
//     swift run

import PackageDescription

let package = Package(
    name: "customers",
    targets: [
        .systemLibrary(name: "CAtmn", pkgConfig: "atmn"),
        .executableTarget(name: "customers", dependencies: ["CAtmn"]),
    ]
)
