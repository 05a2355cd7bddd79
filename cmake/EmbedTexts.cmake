# Writes OUTPUT: the files of DIRECTORY and below that are called PATTERN as a table of paths and raw strings, given by the
# function FUNCTION ("slipway::templates::embedded_texts") that HEADER declares.
file(GLOB_RECURSE files RELATIVE ${DIRECTORY} ${DIRECTORY}/${PATTERN})
string(REGEX MATCH "^(.*)::([a-z_]+)$" both ${FUNCTION})
set(namespace ${CMAKE_MATCH_1})
set(name ${CMAKE_MATCH_2})
set(rows "")
foreach(path IN LISTS files)
    file(READ ${DIRECTORY}/${path} text)
    string(APPEND rows "    {\"${path}\", R\"~slipway~(${text})~slipway~\"},\n")
endforeach()
file(WRITE ${OUTPUT} "#include \"${HEADER}\"

namespace ${namespace} {

const std::map<std::string, std::string>& ${name}()
{
    static const std::map<std::string, std::string> texts{
${rows}    };
    return texts;
}

}  // namespace ${namespace}
")
