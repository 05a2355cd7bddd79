# Fails where the newest version of CHANGELOG.md is not what the program says of itself. CHANGELOG and PROGRAM are given.
file(STRINGS ${CHANGELOG} headings REGEX "^## [0-9]")
list(GET headings 0 newest)
string(REGEX MATCH "[0-9]+\\.[0-9]+\\.[0-9]+" newest "${newest}")
execute_process(COMMAND ${PROGRAM} --version OUTPUT_VARIABLE said OUTPUT_STRIP_TRAILING_WHITESPACE)
if(NOT said STREQUAL "slipway ${newest}")
    message(FATAL_ERROR "CHANGELOG.md begins with ${newest}, the program says '${said}': change project(VERSION) or the heading")
endif()
