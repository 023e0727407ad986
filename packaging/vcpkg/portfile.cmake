# Needs Rust and make: vcpkg does not bring them.
vcpkg_from_github(
    OUT_SOURCE_PATH SOURCE_PATH
    REPO OWNER/libatmn
    REF "v${VERSION}"
    SHA512 0
)
find_program(CARGO cargo REQUIRED)
vcpkg_execute_required_process(
    COMMAND "${CMAKE_COMMAND}" -E env "CARGO_TARGET_DIR=${CURRENT_BUILDTREES_DIR}/${TARGET_TRIPLET}-rel"
        make install "CARGO=${CARGO}" "PREFIX=${CURRENT_PACKAGES_DIR}"
    WORKING_DIRECTORY "${SOURCE_PATH}"
    LOGNAME "install-${TARGET_TRIPLET}"
)
if(VCPKG_LIBRARY_LINKAGE STREQUAL "static")
    file(GLOB shared "${CURRENT_PACKAGES_DIR}/lib/libatmn.so*" "${CURRENT_PACKAGES_DIR}/lib/libatmn*.dylib")
    file(REMOVE ${shared})
else()
    file(REMOVE "${CURRENT_PACKAGES_DIR}/lib/libatmn.a")
endif()

# vcpkg expects each library twice. A debug build of this one would offer its users nothing, so both are the same.
if(NOT VCPKG_BUILD_TYPE)
    file(COPY "${CURRENT_PACKAGES_DIR}/lib" DESTINATION "${CURRENT_PACKAGES_DIR}/debug")
endif()
vcpkg_cmake_config_fixup(PACKAGE_NAME atmn CONFIG_PATH lib/cmake/atmn)
# The file was below the folder of the libraries, and is beside it now.
vcpkg_replace_string("${CURRENT_PACKAGES_DIR}/share/atmn/atmn-config.cmake"
    [[${CMAKE_CURRENT_LIST_DIR}/../..]] [[${CMAKE_CURRENT_LIST_DIR}/../../lib]])
vcpkg_fixup_pkgconfig()
vcpkg_install_copyright(FILE_LIST "${SOURCE_PATH}/LICENSE-APACHE" "${SOURCE_PATH}/LICENSE-MIT" "${SOURCE_PATH}/THIRD-PARTY.txt")
