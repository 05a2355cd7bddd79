# slipway_options: how every target of ours is compiled and linked.
add_library(slipway_options INTERFACE)
target_include_directories(slipway_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(slipway_options INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast -Wnon-virtual-dtor
    -Woverloaded-virtual -Wimplicit-fallthrough -Wcast-align -Wformat=2 -Wextra-semi
    -fdebug-prefix-map=${PROJECT_SOURCE_DIR}=. # a compiler cache serves every checkout alike
    $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>
    -Wno-missing-field-initializers # fights designated initialisers; clang-tidy's pro-type-member-init covers scalars
    $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond -Wlogical-op>
)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    # Optimising, GCC 12 sees faults in its own std::string and <chrono> where there are none (GCC bugs 105329, 105651).
    target_compile_options(slipway_options INTERFACE -Wno-array-bounds -Wno-maybe-uninitialized -Wno-restrict
        -Wno-stringop-overflow)
endif()
if(CMAKE_UNITY_BUILD)
    # Every source is included by another then, and what is its own looks as if a header had it.
    target_compile_options(slipway_options INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
endif()
if(SLIPWAY_HARDEN)
    include(CheckCXXCompilerFlag)
    foreach(flag -fstack-protector-strong -fstack-clash-protection -fcf-protection -mbranch-protection=standard)
        string(MAKE_C_IDENTIFIER "SLIPWAY_HAS${flag}" has) # not every processor has each of them
        check_cxx_compiler_flag(${flag} ${has})
        if(${has})
            target_compile_options(slipway_options INTERFACE ${flag})
        endif()
    endforeach()
    target_compile_options(slipway_options INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
    target_compile_definitions(slipway_options INTERFACE _GLIBCXX_ASSERTIONS)
    target_link_options(slipway_options INTERFACE -Wl,-z,relro,-z,now)
endif()
if(SLIPWAY_SANITIZE)
    target_compile_options(slipway_options INTERFACE -fsanitize=${SLIPWAY_SANITIZE} -fno-omit-frame-pointer)
    target_link_options(slipway_options INTERFACE -fsanitize=${SLIPWAY_SANITIZE})
    if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND SLIPWAY_SANITIZE MATCHES undefined)
        # More than a third of the time to compile, for a null or a pointer out of bounds, whose use asan stops at, and an
        # alignment that nothing casts away; clang looks for them all in the fuzz targets.
        target_compile_options(slipway_options INTERFACE -fno-sanitize=null,alignment,object-size,pointer-overflow)
    elseif(SLIPWAY_SANITIZE MATCHES undefined)
        # What clang 14 writes before a function for this check cannot stand before a coroutine.
        target_compile_options(slipway_options INTERFACE -fno-sanitize=function)
    endif()
endif()

# Headers that nearly every file reads, read once: slipway_headers for the rooms, slipway_test_headers for tests.
function(slipway_precompiled name)
    cmake_parse_arguments(PRECOMPILED "" "" "HEADERS;LINKS" ${ARGN})
    file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp CONTENT "")
    add_library(${name} OBJECT ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp)
    target_link_libraries(${name} PRIVATE slipway_options ${PRECOMPILED_LINKS})
    target_precompile_headers(${name} PRIVATE ${PRECOMPILED_HEADERS})
    set(${name}_links ${PRECOMPILED_LINKS} PARENT_SCOPE) # their definitions are part of what was read
endfunction()

set(slipway_common_headers
    <boost/json.hpp> <algorithm> <array> <chrono> <functional> <map> <memory> <optional> <set> <string>
    <string_view> <variant> <vector>
)
slipway_precompiled(slipway_headers
    HEADERS ${slipway_common_headers} <date/tz.h>
    LINKS Boost::headers Boost::json date::date-tz
)
slipway_precompiled(slipway_bot_headers
    HEADERS ${slipway_common_headers} <date/tz.h> <boost/asio/awaitable.hpp> <fmt/core.h>
    LINKS Boost::headers Boost::json date::date-tz spdlog::spdlog
)

# slipway_room(<name> SOURCES … LINKS … [HEADERS …]): the library of one room, with only the links the arrows allow, and the
# precompiled headers it reads.
function(slipway_room name)
    cmake_parse_arguments(ROOM "" "HEADERS" "SOURCES;LINKS" ${ARGN})
    if(NOT ROOM_HEADERS)
        set(ROOM_HEADERS slipway_headers)
    endif()
    add_library(${name} STATIC ${ROOM_SOURCES})
    target_link_libraries(${name} PUBLIC slipway_options ${ROOM_LINKS} ${${ROOM_HEADERS}_links})
    target_precompile_headers(${name} REUSE_FROM ${ROOM_HEADERS})
endfunction()

# slipway_test(<name> [ONE_BY_ONE] SOURCES … LINKS …): one Catch2 program, and one test of ctest with its name as
# label. ONE_BY_ONE, where tests wait more than they compute, makes each sentence a test of its own: they run side by side.
function(slipway_test name)
    cmake_parse_arguments(TEST "ONE_BY_ONE" "" "SOURCES;LINKS" ${ARGN})
    add_executable(${name} ${TEST_SOURCES})
    target_link_libraries(${name} PRIVATE slipway_options ${TEST_LINKS} ${slipway_test_headers_links} Catch2::Catch2WithMain)
    target_precompile_headers(${name} REUSE_FROM slipway_test_headers)
    if(TEST_ONE_BY_ONE)
        catch_discover_tests(${name} DISCOVERY_MODE PRE_TEST PROPERTIES LABELS ${name})
    else()
        add_test(NAME ${name} COMMAND ${name})
        # All its sentences, under a sanitizer; begun before what is short.
        set_tests_properties(${name} PROPERTIES LABELS ${name} TIMEOUT 900 COST 60)
    endif()
endfunction()

# slipway_embed(<variable> DIRECTORY … [PATTERN …] HEADER … FUNCTION …): sets the variable to a source with which FUNCTION,
# declared in HEADER, gives the text files of a folder (those called PATTERN).
function(slipway_embed variable)
    cmake_parse_arguments(EMBED "" "DIRECTORY;PATTERN;HEADER;FUNCTION" "" ${ARGN})
    if(NOT EMBED_PATTERN)
        set(EMBED_PATTERN *)
    endif()
    set(directory ${CMAKE_CURRENT_SOURCE_DIR}/${EMBED_DIRECTORY})
    set(output ${CMAKE_CURRENT_BINARY_DIR}/embedded/${variable}.cpp)
    file(GLOB_RECURSE texts CONFIGURE_DEPENDS ${directory}/${EMBED_PATTERN})
    add_custom_command(
        OUTPUT ${output}
        COMMAND ${CMAKE_COMMAND} -D DIRECTORY=${directory} -D PATTERN=${EMBED_PATTERN} -D OUTPUT=${output}
                -D HEADER=${EMBED_HEADER} -D FUNCTION=${EMBED_FUNCTION} -P ${PROJECT_SOURCE_DIR}/cmake/EmbedTexts.cmake
        DEPENDS ${texts} ${PROJECT_SOURCE_DIR}/cmake/EmbedTexts.cmake
        COMMENT "Embedding ${EMBED_DIRECTORY}"
        VERBATIM
    )
    set(${variable} ${output} PARENT_SCOPE)
endfunction()
