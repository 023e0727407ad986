_atmn() {
    local i cur prev opts cmd
    COMPREPLY=()
    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
        cur="$2"
    else
        cur="${COMP_WORDS[COMP_CWORD]}"
    fi
    prev="$3"
    cmd=""
    opts=""

    for i in "${COMP_WORDS[@]:0:COMP_CWORD}"
    do
        case "${cmd},${i}" in
            ",$1")
                cmd="atmn"
                ;;
            atmn,api)
                cmd="atmn__subcmd__api"
                ;;
            atmn,completions)
                cmd="atmn__subcmd__completions"
                ;;
            atmn,doctor)
                cmd="atmn__subcmd__doctor"
                ;;
            atmn,env)
                cmd="atmn__subcmd__env"
                ;;
            atmn,key)
                cmd="atmn__subcmd__key"
                ;;
            atmn,login)
                cmd="atmn__subcmd__login"
                ;;
            atmn,logout)
                cmd="atmn__subcmd__logout"
                ;;
            atmn,open)
                cmd="atmn__subcmd__open"
                ;;
            atmn,run)
                cmd="atmn__subcmd__run"
                ;;
            atmn,save)
                cmd="atmn__subcmd__save"
                ;;
            atmn,serve)
                cmd="atmn__subcmd__serve"
                ;;
            atmn,status)
                cmd="atmn__subcmd__env"
                ;;
            atmn,whoami)
                cmd="atmn__subcmd__env"
                ;;
            *)
                ;;
        esac
    done

    case "${cmd}" in
        atmn)
            opts="-p -l -q -v -h -V --prod --local --headless --dir --json --quiet --verbose --help --version login env whoami status key save logout run api open doctor completions serve"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 1 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --dir)
                    COMPREPLY=()
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o plusdirs
                    fi
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        atmn__subcmd__api)
            opts="-p -l -q -v -X -d -f -H -i -h --prod --local --headless --dir --json --quiet --verbose --method --data --field --header --query --idempotency-key --include --paginate --timeout --retries --reauth --organization --no-browser --help GET HEAD POST PUT PATCH DELETE OPTIONS"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --dir)
                    COMPREPLY=()
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o plusdirs
                    fi
                    return 0
                    ;;
                --method)
                    COMPREPLY=($(compgen -W "GET HEAD POST PUT PATCH DELETE OPTIONS" -- "${cur}"))
                    return 0
                    ;;
                -X)
                    COMPREPLY=($(compgen -W "GET HEAD POST PUT PATCH DELETE OPTIONS" -- "${cur}"))
                    return 0
                    ;;
                --data)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                -d)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                --field)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                -f)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --header)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                -H)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --query)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --idempotency-key)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --timeout)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --retries)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --reauth)
                    COMPREPLY=($(compgen -W "never auto always" -- "${cur}"))
                    return 0
                    ;;
                --organization)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        atmn__subcmd__completions)
            opts="-l -q -v -h --local --headless --quiet --verbose --help bash elvish fish powershell zsh"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        atmn__subcmd__doctor)
            opts="-l -q -v -h --local --headless --dir --json --quiet --verbose --offline --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --dir)
                    COMPREPLY=()
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o plusdirs
                    fi
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        atmn__subcmd__env)
            opts="-p -l -q -v -h --prod --local --headless --dir --json --quiet --verbose --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --dir)
                    COMPREPLY=()
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o plusdirs
                    fi
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        atmn__subcmd__key)
            opts="-p -l -q -v -h --prod --local --headless --dir --json --quiet --verbose --explain --check --verify --reveal --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --dir)
                    COMPREPLY=()
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o plusdirs
                    fi
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        atmn__subcmd__login)
            opts="-l -q -v -h --local --headless --dir --json --quiet --verbose --timeout --no-browser --qr --force --sandbox-only --organization --scopes --file --allow-tracked --no-gitignore --begin --complete --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --dir)
                    COMPREPLY=()
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o plusdirs
                    fi
                    return 0
                    ;;
                --timeout)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --organization)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --scopes)
                    COMPREPLY=($(compgen -W "customers:create customers:read customers:list customers:update customers:delete features:create features:read features:list features:update features:delete plans:create plans:read plans:list plans:update plans:delete rewards:read rewards:write apiKeys:create apiKeys:read organisation:read" -- "${cur}"))
                    return 0
                    ;;
                --file)
                    COMPREPLY=($(compgen -W ".env .env.local" -- "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        atmn__subcmd__logout)
            opts="-p -l -q -v -h --prod --local --headless --dir --json --quiet --verbose --file --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --dir)
                    COMPREPLY=()
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o plusdirs
                    fi
                    return 0
                    ;;
                --file)
                    COMPREPLY=($(compgen -W ".env .env.local" -- "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        atmn__subcmd__open)
            opts="-l -q -v -h --local --headless --json --quiet --verbose --no-browser --help dashboard keys billing docs"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        atmn__subcmd__run)
            opts="-p -l -q -v -h --prod --local --headless --dir --json --quiet --verbose --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --dir)
                    COMPREPLY=()
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o plusdirs
                    fi
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        atmn__subcmd__save)
            opts="-l -q -v -h --local --headless --dir --json --quiet --verbose --verify --organization --file --allow-tracked --no-gitignore --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --dir)
                    COMPREPLY=()
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o plusdirs
                    fi
                    return 0
                    ;;
                --organization)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --file)
                    COMPREPLY=($(compgen -W ".env .env.local" -- "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        atmn__subcmd__serve)
            opts="-l -q -v -h --local --headless --json --quiet --verbose --port --organization --controls --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --port)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --organization)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
    esac
}

if [[ "${BASH_VERSINFO[0]}" -eq 4 && "${BASH_VERSINFO[1]}" -ge 4 || "${BASH_VERSINFO[0]}" -gt 4 ]]; then
    complete -F _atmn -o nosort -o bashdefault -o default atmn
else
    complete -F _atmn -o bashdefault -o default atmn
fi

_atmn_files() {
    local word="$1" current="$2" path
    while IFS= read -r path; do
        printf -v path %q "$path"
        [[ -d "$path" ]] && path="$path/"
        [[ "$current" == @* ]] && path="@$path"
        COMPREPLY+=("$path")
    done < <(compgen -f -- "${word#@}")
    [[ "${BASH_VERSINFO[0]}" -ge 4 && "${COMPREPLY[0]}" == */ ]] && compopt -o nospace
}

_atmn_scopes() {
    local word="$1" before="${1%"$2"}" list="${1%"${1##*[,=]}"}" scope
    for scope in customers:create customers:read customers:list customers:update customers:delete features:create features:read features:list features:update features:delete plans:create plans:read plans:list plans:update plans:delete rewards:read rewards:write apiKeys:create apiKeys:read organisation:read; do
        scope="$list$scope"
        [[ "$scope" == "$word"* ]] && COMPREPLY+=("${scope#"$before"}")
    done
    [[ "${BASH_VERSINFO[0]}" -ge 4 ]] && compopt -o nospace
}

# The number of the program's name among the words, after `atmn run`.
_atmn_program() {
    local at run=
    for (( at = 1; at <= COMP_CWORD; at++ )); do
        case "$run${COMP_WORDS[at]}" in
            run) run=1/ ;;
            1/--dir) [[ "${COMP_WORDS[at + 1]}" == '=' ]] && (( at += 2 )) || (( at += 1 )) ;;
            1/-*) ;;
            1/*) echo "$at"; return ;;
        esac
    done
}

_atmn_values() {
    local line="${COMP_LINE:0:COMP_POINT}" word program
    word="${line##*[[:space:]]}"
    program="$(_atmn_program)"
    COMPREPLY=()
    if [[ -n "$program" ]]; then
        if declare -F _command_offset >/dev/null; then
            _command_offset "$program"
        elif (( program == COMP_CWORD )) && [[ "$word" != */* ]]; then
            COMPREPLY=($(compgen -c -- "$word"))
        fi
    elif [[ "$word" == --scopes=* || "${line%"$word"}" =~ [[:space:]]--scopes[[:space:]]+$ ]]; then
        _atmn_scopes "$word" "$2"
    elif [[ "${word#--data=}" == @* ]]; then
        _atmn_files "${word#--data=}" "$2"
    else
        _atmn "$@"
        return
    fi
    return 0
}

complete -F _atmn_values -o bashdefault -o default atmn
