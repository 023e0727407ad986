# Runs portfile.cmake with functions that do what those of vcpkg do to an installed package, in CURRENT_PACKAGES_DIR. SOURCE
# is the repository, and BUILT cargo's directory with a release.
#
#   cmake -D SOURCE=… -D BUILT=… -D CURRENT_PACKAGES_DIR=… [-D VCPKG_LIBRARY_LINKAGE=static] [-D FIXUP=…] -P test.cmake
#
# FIXUP is vcpkg's own vcpkg_cmake_config_fixup.cmake, if it is at hand.
set(CURRENT_BUILDTREES_DIR "${CURRENT_PACKAGES_DIR}.build")

function(vcpkg_from_github)
    set(SOURCE_PATH "${SOURCE}" PARENT_SCOPE)
endfunction()

# `make install` without the build.
function(vcpkg_execute_required_process)
    execute_process(COMMAND "${SOURCE}/bindings/c/install" "${BUILT}" "${CURRENT_PACKAGES_DIR}" COMMAND_ERROR_IS_FATAL ANY)
endfunction()

function(vcpkg_replace_string file match replacement)
    file(READ "${file}" before)
    string(REPLACE "${match}" "${replacement}" after "${before}")
    if(before STREQUAL after)
        message(FATAL_ERROR "${file} does not contain ${match}")
    endif()
    file(WRITE "${file}" "${after}")
endfunction()

# Moves the files of CMake to share/PACKAGE_NAME, and removes those for debug.
function(vcpkg_cmake_config_fixup)
    cmake_parse_arguments(PARSE_ARGV 0 given "" "PACKAGE_NAME;CONFIG_PATH" "")
    file(GLOB files "${CURRENT_PACKAGES_DIR}/${given_CONFIG_PATH}/*")
    file(COPY ${files} DESTINATION "${CURRENT_PACKAGES_DIR}/share/${given_PACKAGE_NAME}")
    foreach(folder "" debug/)
        if(NOT EXISTS "${CURRENT_PACKAGES_DIR}/${folder}${given_CONFIG_PATH}")
            message(FATAL_ERROR "no ${folder}${given_CONFIG_PATH}")
        endif()
        file(REMOVE_RECURSE "${CURRENT_PACKAGES_DIR}/${folder}lib/cmake")
    endforeach()
endfunction()
if(FIXUP)
    include("${FIXUP}")
endif()

function(vcpkg_fixup_pkgconfig)
endfunction()

function(vcpkg_install_copyright)
endfunction()

include("${CMAKE_CURRENT_LIST_DIR}/portfile.cmake")
