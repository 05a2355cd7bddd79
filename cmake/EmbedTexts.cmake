# Writes OUTPUT: the files of DIRECTORY as a table of names and raw strings.
file(GLOB files RELATIVE ${DIRECTORY} ${DIRECTORY}/*.md ${DIRECTORY}/*.txt)
set(rows "")
foreach(name IN LISTS files)
    file(READ ${DIRECTORY}/${name} text)
    string(APPEND rows "    {\"${name}\", R\"~slipway~(${text})~slipway~\"},\n")
endforeach()
file(WRITE ${OUTPUT} "#include \"templates/embedded.hpp\"

namespace slipway::templates {

const std::map<std::string, std::string>& embedded_texts()
{
    static const std::map<std::string, std::string> texts{
${rows}    };
    return texts;
}

}  // namespace slipway::templates
")
