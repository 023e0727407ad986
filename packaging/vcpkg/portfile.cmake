# Needs Rust: vcpkg does not bring it.
vcpkg_from_github(
    OUT_SOURCE_PATH SOURCE_PATH
    REPO OWNER/libatmn
    REF "v${VERSION}"
    SHA512 0
)
find_program(CARGO cargo REQUIRED)
vcpkg_execute_required_process(
    COMMAND make install "CARGO=${CARGO}" "PREFIX=${CURRENT_PACKAGES_DIR}"
    WORKING_DIRECTORY "${SOURCE_PATH}"
    LOGNAME "install-${TARGET_TRIPLET}"
)
if(VCPKG_LIBRARY_LINKAGE STREQUAL "static")
    file(GLOB shared "${CURRENT_PACKAGES_DIR}/lib/libatmn.so*" "${CURRENT_PACKAGES_DIR}/lib/libatmn*.dylib")
    file(REMOVE ${shared})
else()
    file(REMOVE "${CURRENT_PACKAGES_DIR}/lib/libatmn.a")
endif()
vcpkg_cmake_config_fixup(PACKAGE_NAME atmn CONFIG_PATH lib/cmake/atmn)
vcpkg_fixup_pkgconfig()
vcpkg_install_copyright(FILE_LIST "${SOURCE_PATH}/LICENSE-APACHE" "${SOURCE_PATH}/LICENSE-MIT" "${SOURCE_PATH}/THIRD-PARTY.txt")
