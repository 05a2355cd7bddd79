# The architecture diagram, executable: which room may include which (docs/architecture.md), where Beast may be named, and
# one co_await per statement. Run: cmake -D ROOT=. -P tests/architecture/CheckLayers.cmake
cmake_minimum_required(VERSION 3.25)

get_filename_component(ROOT ${ROOT} ABSOLUTE)
set(MAY_commands commands)
set(MAY_templates templates commands)
set(MAY_storage storage commands)
set(MAY_bot bot commands templates storage)
set(mistakes "")

function(note file line text)
    set(mistakes "${mistakes}\n${file}:${line}: ${text}" PARENT_SCOPE)
endfunction()

file(GLOB_RECURSE files RELATIVE ${ROOT}
    ${ROOT}/bot/*.?pp ${ROOT}/commands/*.?pp ${ROOT}/templates/*.?pp ${ROOT}/storage/*.?pp ${ROOT}/tests/simulator/*.?pp)

foreach(file IN LISTS files)
    string(REGEX MATCH "^[a-z]+" room ${file})
    file(READ ${ROOT}/${file} text)
    string(REPLACE ";" "\\;" text "${text}")
    string(REPLACE "[" " " text "${text}") # a bracket would hide line ends from CMake's lists
    string(REPLACE "]" " " text "${text}")
    string(REPLACE "\n" ";" lines "${text}")
    set(number 0)
    foreach(line IN LISTS lines)
        math(EXPR number "${number} + 1")

        if(line MATCHES "^#include \"([a-z_]+)/([a-z_]*)")
            set(target ${CMAKE_MATCH_1})
            set(inner ${CMAKE_MATCH_2})
            if(file MATCHES "^tests/simulator/demo")
                # the tour wires the bot and the simulator together
            elseif(room STREQUAL "tests")
                if(NOT target STREQUAL "tests" AND NOT (target STREQUAL "bot" AND inner STREQUAL "net"))
                    note(${file} ${number} "the simulator uses nothing of the bot's but bot/net, not ${target}/${inner}")
                endif()
            elseif(NOT target IN_LIST MAY_${room})
                note(${file} ${number} "${room} may not include ${target}")
            elseif(file MATCHES "^bot/net/" AND NOT inner STREQUAL "net")
                note(${file} ${number} "bot/net stands alone, it may not include ${target}/${inner}")
            endif()
        elseif(line MATCHES "^#include <boost/(beast|asio/ssl)" AND NOT file MATCHES "^bot/net/.*")
            note(${file} ${number} "only bot/net names Beast or OpenSSL streams")
        elseif(line MATCHES "^#include <boost/beast" AND file MATCHES "\\.hpp$" AND NOT file MATCHES "_beast\\.hpp$")
            note(${file} ${number} "headers of bot/net show no Beast type")
        elseif(line MATCHES "^#include <boost/asio" AND NOT room MATCHES "^(bot|tests)$")
            note(${file} ${number} "${room} knows no Asio")
        endif()

        string(REGEX REPLACE "//.*$" "" code "${line}")
        string(REGEX REPLACE "\"([^\"\\\\]|\\\\.)*\"" "" code "${code}")
        # GCC 12 destroys temporaries twice when they share a full expression with co_await (docs/development.md).
        if(code MATCHES "co_await.*co_await"
           OR code MATCHES "(co_return|throw|[(,{]) *[^;=]*co_await"
              AND NOT code MATCHES "(if|while|switch|for) *\\(" AND NOT code MATCHES "co_return *co_await [a-z_.]*(->|\\.)?[a-z_]+\\([a-z_, ]*\\)"
              AND NOT code MATCHES "= *(\\()?co_await" AND NOT code MATCHES "\\(void\\) *co_await" AND NOT code MATCHES "(^|{) *co_await")
            note(${file} ${number} "one co_await per statement, on named values")
        endif()
        if(code MATCHES "co_await +[a-zA-Z_:.>-]+\\([^()]*\\{[^}]" OR code MATCHES "co_await *\\[")
            note(${file} ${number} "build the argument of co_await in a statement of its own")
        endif()
    endforeach()
endforeach()

if(mistakes)
    message(FATAL_ERROR "the house is not as drawn:${mistakes}")
endif()
list(LENGTH files count)
if(count EQUAL 0)
    message(FATAL_ERROR "no sources found under ${ROOT}")
endif()
message(STATUS "${count} files keep to the arrows")
