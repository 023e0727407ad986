# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_atmn_global_optspecs
    string join \n p/prod l/local headless dir= json q/quiet v/verbose h/help V/version
end

function __fish_atmn_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_atmn_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_atmn_using_subcommand
    set -l cmd (__fish_atmn_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c atmn -n "__fish_atmn_needs_command" -l dir -d 'Use this directory instead of the working directory' -r -f -a "(__fish_complete_directories)"
complete -c atmn -n "__fish_atmn_needs_command" -s p -l prod -d 'Use the live key instead of the sandbox key'
complete -c atmn -n "__fish_atmn_needs_command" -s l -l local -d 'Use the API server on this machine, http://localhost:8080'
complete -c atmn -n "__fish_atmn_needs_command" -l headless -d 'Never prompt: print the login URL and wait, without reading the terminal'
complete -c atmn -n "__fish_atmn_needs_command" -l json -d 'Print results as JSON on stdout, and errors as JSON on stderr'
complete -c atmn -n "__fish_atmn_needs_command" -s q -l quiet -d 'Print only results, errors and login URLs'
complete -c atmn -n "__fish_atmn_needs_command" -s v -l verbose -d 'Show more detail: all causes and the context of an error, all locations of a key, all requests to `serve`'
complete -c atmn -n "__fish_atmn_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c atmn -n "__fish_atmn_needs_command" -s V -l version -d 'Print version'
complete -c atmn -n "__fish_atmn_needs_command" -f -a "login" -d 'Log in with the browser and save the keys in .env'
complete -c atmn -n "__fish_atmn_needs_command" -f -a "env" -d 'Show the active key, its organization and where it was found'
complete -c atmn -n "__fish_atmn_needs_command" -f -a "whoami" -d 'Show the active key, its organization and where it was found'
complete -c atmn -n "__fish_atmn_needs_command" -f -a "status" -d 'Show the active key, its organization and where it was found'
complete -c atmn -n "__fish_atmn_needs_command" -f -a "key" -d 'Print the active key'
complete -c atmn -n "__fish_atmn_needs_command" -f -a "save" -d 'Save keys from stdin in .env'
complete -c atmn -n "__fish_atmn_needs_command" -f -a "logout" -d 'Remove the keys from .env and .env.local'
complete -c atmn -n "__fish_atmn_needs_command" -f -a "run" -d 'Run a program with the active key in its environment'
complete -c atmn -n "__fish_atmn_needs_command" -f -a "api" -d 'Call the API with the active key'
complete -c atmn -n "__fish_atmn_needs_command" -f -a "open" -d 'Open the dashboard or the documentation in the browser'
complete -c atmn -n "__fish_atmn_needs_command" -f -a "doctor" -d 'Check what a login and a call need on this machine'
complete -c atmn -n "__fish_atmn_needs_command" -f -a "completions" -d 'Print a script that completes commands and options in a shell'
complete -c atmn -n "__fish_atmn_needs_command" -f -a "serve" -d 'Run a local Autumn server for development'
complete -c atmn -n "__fish_atmn_using_subcommand login" -l dir -d 'Use this directory instead of the working directory' -r -f -a "(__fish_complete_directories)"
complete -c atmn -n "__fish_atmn_using_subcommand login" -l timeout -d 'Wait at most this long for the login, such as `90s` or `5m`' -r -f
complete -c atmn -n "__fish_atmn_using_subcommand login" -l organization -d 'Fail unless this organization is chosen' -r -f
complete -c atmn -n "__fish_atmn_using_subcommand login" -l scopes -d 'Create keys that may do only this, such as `customers:read,plans:read`' -r -f -a "customers:create\t''
customers:read\t''
customers:list\t''
customers:update\t''
customers:delete\t''
features:create\t''
features:read\t''
features:list\t''
features:update\t''
features:delete\t''
plans:create\t''
plans:read\t''
plans:list\t''
plans:update\t''
plans:delete\t''
rewards:read\t''
rewards:write\t''
apiKeys:create\t''
apiKeys:read\t''
organisation:read\t''"
complete -c atmn -n "__fish_atmn_using_subcommand login" -l file -d 'The file [default: .env, or .env.local if it has a value or git tracks .env but ignores it]' -r -f -a ".env\t''
.env.local\t''"
complete -c atmn -n "__fish_atmn_using_subcommand login" -s l -l local -d 'Use the API server on this machine, http://localhost:8080'
complete -c atmn -n "__fish_atmn_using_subcommand login" -l headless -d 'Never prompt: print the login URL and wait, without reading the terminal'
complete -c atmn -n "__fish_atmn_using_subcommand login" -l json -d 'Print results as JSON on stdout, and errors as JSON on stderr'
complete -c atmn -n "__fish_atmn_using_subcommand login" -s q -l quiet -d 'Print only results, errors and login URLs'
complete -c atmn -n "__fish_atmn_using_subcommand login" -s v -l verbose -d 'Show more detail: all causes and the context of an error, all locations of a key, all requests to `serve`'
complete -c atmn -n "__fish_atmn_using_subcommand login" -l no-browser -d 'Print the login URL and open no browser'
complete -c atmn -n "__fish_atmn_using_subcommand login" -l qr -d 'Print a QR code of the login URL too, for the browser of another device'
complete -c atmn -n "__fish_atmn_using_subcommand login" -l force -d 'Replace both keys, even one that still works'
complete -c atmn -n "__fish_atmn_using_subcommand login" -l sandbox-only -d 'Save the sandbox key only'
complete -c atmn -n "__fish_atmn_using_subcommand login" -l allow-tracked -d 'Save even if git tracks the file, or may track it'
complete -c atmn -n "__fish_atmn_using_subcommand login" -l no-gitignore -d 'Do not edit .gitignore; warn if git does not ignore .env'
complete -c atmn -n "__fish_atmn_using_subcommand login" -l begin -d 'Print the login URL and exit; finish with `--complete` within ten minutes'
complete -c atmn -n "__fish_atmn_using_subcommand login" -l complete -d 'Finish the login that `--begin` started; read the callback URL from stdin'
complete -c atmn -n "__fish_atmn_using_subcommand login" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c atmn -n "__fish_atmn_using_subcommand env" -l dir -d 'Use this directory instead of the working directory' -r -f -a "(__fish_complete_directories)"
complete -c atmn -n "__fish_atmn_using_subcommand env" -s p -l prod -d 'Use the live key instead of the sandbox key'
complete -c atmn -n "__fish_atmn_using_subcommand env" -s l -l local -d 'Use the API server on this machine, http://localhost:8080'
complete -c atmn -n "__fish_atmn_using_subcommand env" -l headless -d 'Never prompt: print the login URL and wait, without reading the terminal'
complete -c atmn -n "__fish_atmn_using_subcommand env" -l json -d 'Print results as JSON on stdout, and errors as JSON on stderr'
complete -c atmn -n "__fish_atmn_using_subcommand env" -s q -l quiet -d 'Print only results, errors and login URLs'
complete -c atmn -n "__fish_atmn_using_subcommand env" -s v -l verbose -d 'Show more detail: all causes and the context of an error, all locations of a key, all requests to `serve`'
complete -c atmn -n "__fish_atmn_using_subcommand env" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c atmn -n "__fish_atmn_using_subcommand whoami" -l dir -d 'Use this directory instead of the working directory' -r -f -a "(__fish_complete_directories)"
complete -c atmn -n "__fish_atmn_using_subcommand whoami" -s p -l prod -d 'Use the live key instead of the sandbox key'
complete -c atmn -n "__fish_atmn_using_subcommand whoami" -s l -l local -d 'Use the API server on this machine, http://localhost:8080'
complete -c atmn -n "__fish_atmn_using_subcommand whoami" -l headless -d 'Never prompt: print the login URL and wait, without reading the terminal'
complete -c atmn -n "__fish_atmn_using_subcommand whoami" -l json -d 'Print results as JSON on stdout, and errors as JSON on stderr'
complete -c atmn -n "__fish_atmn_using_subcommand whoami" -s q -l quiet -d 'Print only results, errors and login URLs'
complete -c atmn -n "__fish_atmn_using_subcommand whoami" -s v -l verbose -d 'Show more detail: all causes and the context of an error, all locations of a key, all requests to `serve`'
complete -c atmn -n "__fish_atmn_using_subcommand whoami" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c atmn -n "__fish_atmn_using_subcommand status" -l dir -d 'Use this directory instead of the working directory' -r -f -a "(__fish_complete_directories)"
complete -c atmn -n "__fish_atmn_using_subcommand status" -s p -l prod -d 'Use the live key instead of the sandbox key'
complete -c atmn -n "__fish_atmn_using_subcommand status" -s l -l local -d 'Use the API server on this machine, http://localhost:8080'
complete -c atmn -n "__fish_atmn_using_subcommand status" -l headless -d 'Never prompt: print the login URL and wait, without reading the terminal'
complete -c atmn -n "__fish_atmn_using_subcommand status" -l json -d 'Print results as JSON on stdout, and errors as JSON on stderr'
complete -c atmn -n "__fish_atmn_using_subcommand status" -s q -l quiet -d 'Print only results, errors and login URLs'
complete -c atmn -n "__fish_atmn_using_subcommand status" -s v -l verbose -d 'Show more detail: all causes and the context of an error, all locations of a key, all requests to `serve`'
complete -c atmn -n "__fish_atmn_using_subcommand status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c atmn -n "__fish_atmn_using_subcommand key" -l dir -d 'Use this directory instead of the working directory' -r -f -a "(__fish_complete_directories)"
complete -c atmn -n "__fish_atmn_using_subcommand key" -s p -l prod -d 'Use the live key instead of the sandbox key'
complete -c atmn -n "__fish_atmn_using_subcommand key" -s l -l local -d 'Use the API server on this machine, http://localhost:8080'
complete -c atmn -n "__fish_atmn_using_subcommand key" -l headless -d 'Never prompt: print the login URL and wait, without reading the terminal'
complete -c atmn -n "__fish_atmn_using_subcommand key" -l json -d 'Print results as JSON on stdout, and errors as JSON on stderr'
complete -c atmn -n "__fish_atmn_using_subcommand key" -s q -l quiet -d 'Print only results, errors and login URLs'
complete -c atmn -n "__fish_atmn_using_subcommand key" -s v -l verbose -d 'Show more detail: all causes and the context of an error, all locations of a key, all requests to `serve`'
complete -c atmn -n "__fish_atmn_using_subcommand key" -l explain -d 'List every location where keys are looked for, with its outcome'
complete -c atmn -n "__fish_atmn_using_subcommand key" -l check -d 'Say whether the text on stdin is a well-formed key, and of which kind; exit code 1 if it is not'
complete -c atmn -n "__fish_atmn_using_subcommand key" -l verify -d 'With `--check`, ask the server too; exit code 4 if it rejects the key'
complete -c atmn -n "__fish_atmn_using_subcommand key" -l reveal -d 'Print the whole key, even in a terminal and in JSON'
complete -c atmn -n "__fish_atmn_using_subcommand key" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c atmn -n "__fish_atmn_using_subcommand save" -l dir -d 'Use this directory instead of the working directory' -r -f -a "(__fish_complete_directories)"
complete -c atmn -n "__fish_atmn_using_subcommand save" -l organization -d 'With `--verify`, fail unless each key belongs to this organization' -r -f
complete -c atmn -n "__fish_atmn_using_subcommand save" -l file -d 'The file [default: .env, or .env.local if it has a value or git tracks .env but ignores it]' -r -f -a ".env\t''
.env.local\t''"
complete -c atmn -n "__fish_atmn_using_subcommand save" -s l -l local -d 'Use the API server on this machine, http://localhost:8080'
complete -c atmn -n "__fish_atmn_using_subcommand save" -l headless -d 'Never prompt: print the login URL and wait, without reading the terminal'
complete -c atmn -n "__fish_atmn_using_subcommand save" -l json -d 'Print results as JSON on stdout, and errors as JSON on stderr'
complete -c atmn -n "__fish_atmn_using_subcommand save" -s q -l quiet -d 'Print only results, errors and login URLs'
complete -c atmn -n "__fish_atmn_using_subcommand save" -s v -l verbose -d 'Show more detail: all causes and the context of an error, all locations of a key, all requests to `serve`'
complete -c atmn -n "__fish_atmn_using_subcommand save" -l verify -d 'Ask the server whether it accepts each key before it is saved'
complete -c atmn -n "__fish_atmn_using_subcommand save" -l allow-tracked -d 'Save even if git tracks the file, or may track it'
complete -c atmn -n "__fish_atmn_using_subcommand save" -l no-gitignore -d 'Do not edit .gitignore; warn if git does not ignore .env'
complete -c atmn -n "__fish_atmn_using_subcommand save" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c atmn -n "__fish_atmn_using_subcommand logout" -l dir -d 'Use this directory instead of the working directory' -r -f -a "(__fish_complete_directories)"
complete -c atmn -n "__fish_atmn_using_subcommand logout" -l file -d 'The only file to edit: `.env` or `.env.local` [default: both]' -r -f -a ".env\t''
.env.local\t''"
complete -c atmn -n "__fish_atmn_using_subcommand logout" -s p -l prod -d 'Use the live key instead of the sandbox key'
complete -c atmn -n "__fish_atmn_using_subcommand logout" -s l -l local -d 'Use the API server on this machine, http://localhost:8080'
complete -c atmn -n "__fish_atmn_using_subcommand logout" -l headless -d 'Never prompt: print the login URL and wait, without reading the terminal'
complete -c atmn -n "__fish_atmn_using_subcommand logout" -l json -d 'Print results as JSON on stdout, and errors as JSON on stderr'
complete -c atmn -n "__fish_atmn_using_subcommand logout" -s q -l quiet -d 'Print only results, errors and login URLs'
complete -c atmn -n "__fish_atmn_using_subcommand logout" -s v -l verbose -d 'Show more detail: all causes and the context of an error, all locations of a key, all requests to `serve`'
complete -c atmn -n "__fish_atmn_using_subcommand logout" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c atmn -n "__fish_atmn_using_subcommand run" -l dir -d 'Use this directory instead of the working directory' -r -f -a "(__fish_complete_directories)"
complete -c atmn -n "__fish_atmn_using_subcommand run" -s p -l prod -d 'Use the live key instead of the sandbox key'
complete -c atmn -n "__fish_atmn_using_subcommand run" -s l -l local -d 'Use the API server on this machine, http://localhost:8080'
complete -c atmn -n "__fish_atmn_using_subcommand run" -l headless -d 'Never prompt: print the login URL and wait, without reading the terminal'
complete -c atmn -n "__fish_atmn_using_subcommand run" -l json -d 'Print results as JSON on stdout, and errors as JSON on stderr'
complete -c atmn -n "__fish_atmn_using_subcommand run" -s q -l quiet -d 'Print only results, errors and login URLs'
complete -c atmn -n "__fish_atmn_using_subcommand run" -s v -l verbose -d 'Show more detail: all causes and the context of an error, all locations of a key, all requests to `serve`'
complete -c atmn -n "__fish_atmn_using_subcommand run" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c atmn -n "__fish_atmn_using_subcommand api" -l dir -d 'Use this directory instead of the working directory' -r -f -a "(__fish_complete_directories)"
complete -c atmn -n "__fish_atmn_using_subcommand api" -s X -l method -d 'The method, as an option' -r -f -a "GET\t''
HEAD\t''
POST\t''
PUT\t''
PATCH\t''
DELETE\t''
OPTIONS\t''"
complete -c atmn -n "__fish_atmn_using_subcommand api" -s d -l data -d 'Send this JSON as the body; `@FILE` reads a file, `-` reads stdin' -x
complete -c atmn -n "__fish_atmn_using_subcommand api" -s f -l field -d 'Send a text as a member of a JSON body, or with GET as a query parameter (repeatable)' -r -f
complete -c atmn -n "__fish_atmn_using_subcommand api" -s H -l header -d 'Add a header, `NAME: VALUE` (repeatable)' -r -f
complete -c atmn -n "__fish_atmn_using_subcommand api" -l query -d 'Add a query parameter (repeatable)' -r -f
complete -c atmn -n "__fish_atmn_using_subcommand api" -l idempotency-key -d 'Make retries safe: the server runs requests with the same key once' -r -f
complete -c atmn -n "__fish_atmn_using_subcommand api" -l timeout -d 'The time limit of each attempt, such as `90s` or `5m` [default: 30s]' -r -f
complete -c atmn -n "__fish_atmn_using_subcommand api" -l retries -d 'How many times to retry at most, all within thirty seconds [default: 3]' -r
complete -c atmn -n "__fish_atmn_using_subcommand api" -l reauth -d 'When to log in again if the key is rejected: `never`, `auto` or `always`' -r -f -a "never\t''
auto\t''
always\t''"
complete -c atmn -n "__fish_atmn_using_subcommand api" -l organization -d 'When logging in again, fail unless this organization is chosen' -r -f
complete -c atmn -n "__fish_atmn_using_subcommand api" -s p -l prod -d 'Use the live key instead of the sandbox key'
complete -c atmn -n "__fish_atmn_using_subcommand api" -s l -l local -d 'Use the API server on this machine, http://localhost:8080'
complete -c atmn -n "__fish_atmn_using_subcommand api" -l headless -d 'Never prompt: print the login URL and wait, without reading the terminal'
complete -c atmn -n "__fish_atmn_using_subcommand api" -l json -d 'Print results as JSON on stdout, and errors as JSON on stderr'
complete -c atmn -n "__fish_atmn_using_subcommand api" -s q -l quiet -d 'Print only results, errors and login URLs'
complete -c atmn -n "__fish_atmn_using_subcommand api" -s v -l verbose -d 'Show more detail: all causes and the context of an error, all locations of a key, all requests to `serve`'
complete -c atmn -n "__fish_atmn_using_subcommand api" -s i -l include -d 'Print the status and headers before the body'
complete -c atmn -n "__fish_atmn_using_subcommand api" -l paginate -d 'Request the following pages of a list too, as long as the server says that there are more'
complete -c atmn -n "__fish_atmn_using_subcommand api" -l no-browser -d 'When logging in again, print the URL and open no browser'
complete -c atmn -n "__fish_atmn_using_subcommand api" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c atmn -n "__fish_atmn_using_subcommand open" -s l -l local -d 'Use the API server on this machine, http://localhost:8080'
complete -c atmn -n "__fish_atmn_using_subcommand open" -l headless -d 'Never prompt: print the login URL and wait, without reading the terminal'
complete -c atmn -n "__fish_atmn_using_subcommand open" -l json -d 'Print results as JSON on stdout, and errors as JSON on stderr'
complete -c atmn -n "__fish_atmn_using_subcommand open" -s q -l quiet -d 'Print only results, errors and login URLs'
complete -c atmn -n "__fish_atmn_using_subcommand open" -s v -l verbose -d 'Show more detail: all causes and the context of an error, all locations of a key, all requests to `serve`'
complete -c atmn -n "__fish_atmn_using_subcommand open" -l no-browser -d 'Print the URL and open no browser'
complete -c atmn -n "__fish_atmn_using_subcommand open" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c atmn -n "__fish_atmn_using_subcommand doctor" -l dir -d 'Use this directory instead of the working directory' -r -f -a "(__fish_complete_directories)"
complete -c atmn -n "__fish_atmn_using_subcommand doctor" -s l -l local -d 'Use the API server on this machine, http://localhost:8080'
complete -c atmn -n "__fish_atmn_using_subcommand doctor" -l headless -d 'Never prompt: print the login URL and wait, without reading the terminal'
complete -c atmn -n "__fish_atmn_using_subcommand doctor" -l json -d 'Print results as JSON on stdout, and errors as JSON on stderr'
complete -c atmn -n "__fish_atmn_using_subcommand doctor" -s q -l quiet -d 'Print only results, errors and login URLs'
complete -c atmn -n "__fish_atmn_using_subcommand doctor" -s v -l verbose -d 'Show more detail: all causes and the context of an error, all locations of a key, all requests to `serve`'
complete -c atmn -n "__fish_atmn_using_subcommand doctor" -l offline -d 'Check no server'
complete -c atmn -n "__fish_atmn_using_subcommand doctor" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c atmn -n "__fish_atmn_using_subcommand completions" -s l -l local -d 'Use the API server on this machine, http://localhost:8080'
complete -c atmn -n "__fish_atmn_using_subcommand completions" -l headless -d 'Never prompt: print the login URL and wait, without reading the terminal'
complete -c atmn -n "__fish_atmn_using_subcommand completions" -s q -l quiet -d 'Print only results, errors and login URLs'
complete -c atmn -n "__fish_atmn_using_subcommand completions" -s v -l verbose -d 'Show more detail: all causes and the context of an error, all locations of a key, all requests to `serve`'
complete -c atmn -n "__fish_atmn_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c atmn -n "__fish_atmn_using_subcommand serve" -l port -d 'Listen on this port of 127.0.0.1 and ::1; 0 uses any free port' -r
complete -c atmn -n "__fish_atmn_using_subcommand serve" -l organization -d 'Print the keys of this organization [default: copper-kettle]' -r -f
complete -c atmn -n "__fish_atmn_using_subcommand serve" -s l -l local -d 'Use the API server on this machine, http://localhost:8080'
complete -c atmn -n "__fish_atmn_using_subcommand serve" -l headless -d 'Never prompt: print the login URL and wait, without reading the terminal'
complete -c atmn -n "__fish_atmn_using_subcommand serve" -l json -d 'Print results as JSON on stdout, and errors as JSON on stderr'
complete -c atmn -n "__fish_atmn_using_subcommand serve" -s q -l quiet -d 'Print only results, errors and login URLs'
complete -c atmn -n "__fish_atmn_using_subcommand serve" -s v -l verbose -d 'Show more detail: all causes and the context of an error, all locations of a key, all requests to `serve`'
complete -c atmn -n "__fish_atmn_using_subcommand serve" -l controls -d 'Answer the control routes for tests under /_test/, which show whole keys and approve logins'
complete -c atmn -n "__fish_atmn_using_subcommand serve" -s h -l help -d 'Print help (see more with \'--help\')'

function __fish_atmn_data
    set -l token (commandline -ct)
    string match -q -- '@*' $token
    and printf '@%s\n' (__fish_complete_path (string sub --start=2 -- $token))
end

function __fish_atmn_scopes
    set -l before (string match -r -- '^.*,' (commandline -ct))
    printf "$before%s\n" customers:create customers:read customers:list customers:update customers:delete features:create features:read features:list features:update features:delete plans:create plans:read plans:list plans:update plans:delete rewards:read rewards:write apiKeys:create apiKeys:read organisation:read
end

# Completes the command line after `atmn run`.
function __fish_atmn_program
    set -l words (commandline -opc)
    set -l at (contains -i -- run $words)
    or return
    set -e words[1..$at]
    while string match -q -- '-*' "$words[1]"
        set -e words[1]
    end
    complete -C (string join ' ' -- (string escape -- $words) (commandline -ct))
end

complete -c atmn -l dir -x -a "(__fish_complete_directories)"
complete -c atmn -n "__fish_atmn_using_subcommand login" -l scopes -x -a "(__fish_atmn_scopes)"
complete -c atmn -n "__fish_atmn_using_subcommand login" -f -a "--file=.env --file=.env.local"
complete -c atmn -n "__fish_atmn_using_subcommand save" -f -a "--file=.env --file=.env.local"
complete -c atmn -n "__fish_atmn_using_subcommand logout" -f -a "--file=.env --file=.env.local"
complete -c atmn -n "__fish_atmn_using_subcommand run" -f -a "(__fish_atmn_program)"
complete -c atmn -n "__fish_atmn_using_subcommand api" -f -a "GET HEAD POST PUT PATCH DELETE OPTIONS" -d 'The method; without it, POST if there is a body, otherwise GET'
complete -c atmn -n "__fish_atmn_using_subcommand api" -s d -l data -x -a "(__fish_atmn_data)"
complete -c atmn -n "__fish_atmn_using_subcommand open" -f -a "dashboard keys billing docs" -d 'The page to open'
complete -c atmn -n "__fish_atmn_using_subcommand completions" -f -a "bash elvish fish powershell zsh" -d 'The shell'
