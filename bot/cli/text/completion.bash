# bash completion of slipway; made by `slipway completion bash`
_slipway() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}
    local path="" words="" word
    COMPREPLY=()
    case $previous in
        --config) COMPREPLY=($(compgen -f -- "$current")); return ;;
        --format) COMPREPLY=($(compgen -W "csv jsonl md" -- "$current")); return ;;
        backup) COMPREPLY=($(compgen -f -- "$current")); return ;;
        completion) COMPREPLY=($(compgen -W bash -- "$current")); return ;;
    esac
    local before=""
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        case $before:$word in
            --*:* | *:-* | *:*[!a-z]*) ;;
            *) path="${path:+$path }$word" ;;
        esac
        before=$word
    done
    case $path in
@WORDS@
    esac
    COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _slipway slipway
