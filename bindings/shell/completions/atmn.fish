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

complete -c atmn -n "__fish_atmn_needs_command" -l dir -d 'Work in this directory instead of the current one' -r -F
complete -c atmn -n "__fish_atmn_needs_command" -s p -l prod -d 'Work with the live key instead of the sandbox key'
complete -c atmn -n "__fish_atmn_needs_command" -s l -l local -d 'Use the API server on this machine, http://localhost:8080'
complete -c atmn -n "__fish_atmn_needs_command" -l headless -d 'Ask nothing in the terminal: print the address to log in at, and wait'
complete -c atmn -n "__fish_atmn_needs_command" -l json -d 'Print results as JSON on stdout, failures as JSON on stderr'
complete -c atmn -n "__fish_atmn_needs_command" -s q -l quiet -d 'Print results and failures only'
complete -c atmn -n "__fish_atmn_needs_command" -s v -l verbose -d 'Tell more about what is done'
complete -c atmn -n "__fish_atmn_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c atmn -n "__fish_atmn_needs_command" -s V -l version -d 'Print version'
complete -c atmn -n "__fish_atmn_needs_command" -f -a "login" -d 'Log in with the browser, and save the keys in .env'
complete -c atmn -n "__fish_atmn_needs_command" -f -a "env" -d 'Tell whose the key in force is, and where it came from'
complete -c atmn -n "__fish_atmn_needs_command" -f -a "key" -d 'Print the key in force'
complete -c atmn -n "__fish_atmn_needs_command" -f -a "save" -d 'Save keys from stdin in .env'
complete -c atmn -n "__fish_atmn_needs_command" -f -a "logout" -d 'Remove both keys from .env'
complete -c atmn -n "__fish_atmn_needs_command" -f -a "api" -d 'Call the API with the key in force'
complete -c atmn -n "__fish_atmn_needs_command" -f -a "serve" -d 'Run a small Autumn server on this machine, for development'
complete -c atmn -n "__fish_atmn_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c atmn -n "__fish_atmn_using_subcommand login" -l dir -d 'Work in this directory instead of the current one' -r -F
complete -c atmn -n "__fish_atmn_using_subcommand login" -l timeout -d 'How long to wait for the login: seconds, `90s` or `5m`' -r
complete -c atmn -n "__fish_atmn_using_subcommand login" -l organization -d 'Refuse the keys of any other organization' -r
complete -c atmn -n "__fish_atmn_using_subcommand login" -l ports -d 'Callback ports of a test\'s own: `FIRST-LAST`' -r
complete -c atmn -n "__fish_atmn_using_subcommand login" -s p -l prod -d 'Work with the live key instead of the sandbox key'
complete -c atmn -n "__fish_atmn_using_subcommand login" -s l -l local -d 'Use the API server on this machine, http://localhost:8080'
complete -c atmn -n "__fish_atmn_using_subcommand login" -l headless -d 'Ask nothing in the terminal: print the address to log in at, and wait'
complete -c atmn -n "__fish_atmn_using_subcommand login" -l json -d 'Print results as JSON on stdout, failures as JSON on stderr'
complete -c atmn -n "__fish_atmn_using_subcommand login" -s q -l quiet -d 'Print results and failures only'
complete -c atmn -n "__fish_atmn_using_subcommand login" -s v -l verbose -d 'Tell more about what is done'
complete -c atmn -n "__fish_atmn_using_subcommand login" -l no-browser -d 'Print the address only, and open no browser'
complete -c atmn -n "__fish_atmn_using_subcommand login" -l force -d 'Log in even if the keys in .env still work'
complete -c atmn -n "__fish_atmn_using_subcommand login" -l sandbox-only -d 'Save the sandbox key only'
complete -c atmn -n "__fish_atmn_using_subcommand login" -l allow-tracked -d 'Write even if git tracks the file'
complete -c atmn -n "__fish_atmn_using_subcommand login" -l no-gitignore -d 'Leave .gitignore alone and only report that .env is not ignored'
complete -c atmn -n "__fish_atmn_using_subcommand login" -l begin -d 'Print the address and end; `--complete` finishes within ten minutes'
complete -c atmn -n "__fish_atmn_using_subcommand login" -l complete -d 'Finish what `--begin` began, with the address on stdin at which the browser ended'
complete -c atmn -n "__fish_atmn_using_subcommand login" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c atmn -n "__fish_atmn_using_subcommand env" -l dir -d 'Work in this directory instead of the current one' -r -F
complete -c atmn -n "__fish_atmn_using_subcommand env" -s p -l prod -d 'Work with the live key instead of the sandbox key'
complete -c atmn -n "__fish_atmn_using_subcommand env" -s l -l local -d 'Use the API server on this machine, http://localhost:8080'
complete -c atmn -n "__fish_atmn_using_subcommand env" -l headless -d 'Ask nothing in the terminal: print the address to log in at, and wait'
complete -c atmn -n "__fish_atmn_using_subcommand env" -l json -d 'Print results as JSON on stdout, failures as JSON on stderr'
complete -c atmn -n "__fish_atmn_using_subcommand env" -s q -l quiet -d 'Print results and failures only'
complete -c atmn -n "__fish_atmn_using_subcommand env" -s v -l verbose -d 'Tell more about what is done'
complete -c atmn -n "__fish_atmn_using_subcommand env" -s h -l help -d 'Print help'
complete -c atmn -n "__fish_atmn_using_subcommand key" -l dir -d 'Work in this directory instead of the current one' -r -F
complete -c atmn -n "__fish_atmn_using_subcommand key" -s p -l prod -d 'Work with the live key instead of the sandbox key'
complete -c atmn -n "__fish_atmn_using_subcommand key" -s l -l local -d 'Use the API server on this machine, http://localhost:8080'
complete -c atmn -n "__fish_atmn_using_subcommand key" -l headless -d 'Ask nothing in the terminal: print the address to log in at, and wait'
complete -c atmn -n "__fish_atmn_using_subcommand key" -l json -d 'Print results as JSON on stdout, failures as JSON on stderr'
complete -c atmn -n "__fish_atmn_using_subcommand key" -s q -l quiet -d 'Print results and failures only'
complete -c atmn -n "__fish_atmn_using_subcommand key" -s v -l verbose -d 'Tell more about what is done'
complete -c atmn -n "__fish_atmn_using_subcommand key" -l explain -d 'List every place that was looked at, and what became of it'
complete -c atmn -n "__fish_atmn_using_subcommand key" -l check -d 'Tell what the key on stdin is, without looking anywhere; exit code 1 if it is none'
complete -c atmn -n "__fish_atmn_using_subcommand key" -l reveal -d 'Print the key unmasked, in a terminal and in JSON too'
complete -c atmn -n "__fish_atmn_using_subcommand key" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c atmn -n "__fish_atmn_using_subcommand save" -l dir -d 'Work in this directory instead of the current one' -r -F
complete -c atmn -n "__fish_atmn_using_subcommand save" -s p -l prod -d 'Work with the live key instead of the sandbox key'
complete -c atmn -n "__fish_atmn_using_subcommand save" -s l -l local -d 'Use the API server on this machine, http://localhost:8080'
complete -c atmn -n "__fish_atmn_using_subcommand save" -l headless -d 'Ask nothing in the terminal: print the address to log in at, and wait'
complete -c atmn -n "__fish_atmn_using_subcommand save" -l json -d 'Print results as JSON on stdout, failures as JSON on stderr'
complete -c atmn -n "__fish_atmn_using_subcommand save" -s q -l quiet -d 'Print results and failures only'
complete -c atmn -n "__fish_atmn_using_subcommand save" -s v -l verbose -d 'Tell more about what is done'
complete -c atmn -n "__fish_atmn_using_subcommand save" -l allow-tracked -d 'Write even if git tracks the file'
complete -c atmn -n "__fish_atmn_using_subcommand save" -l no-gitignore -d 'Leave .gitignore alone and only report that .env is not ignored'
complete -c atmn -n "__fish_atmn_using_subcommand save" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c atmn -n "__fish_atmn_using_subcommand logout" -l dir -d 'Work in this directory instead of the current one' -r -F
complete -c atmn -n "__fish_atmn_using_subcommand logout" -s p -l prod -d 'Work with the live key instead of the sandbox key'
complete -c atmn -n "__fish_atmn_using_subcommand logout" -s l -l local -d 'Use the API server on this machine, http://localhost:8080'
complete -c atmn -n "__fish_atmn_using_subcommand logout" -l headless -d 'Ask nothing in the terminal: print the address to log in at, and wait'
complete -c atmn -n "__fish_atmn_using_subcommand logout" -l json -d 'Print results as JSON on stdout, failures as JSON on stderr'
complete -c atmn -n "__fish_atmn_using_subcommand logout" -s q -l quiet -d 'Print results and failures only'
complete -c atmn -n "__fish_atmn_using_subcommand logout" -s v -l verbose -d 'Tell more about what is done'
complete -c atmn -n "__fish_atmn_using_subcommand logout" -s h -l help -d 'Print help'
complete -c atmn -n "__fish_atmn_using_subcommand api" -l dir -d 'Work in this directory instead of the current one' -r -F
complete -c atmn -n "__fish_atmn_using_subcommand api" -s d -l data -d 'The body, JSON; `@FILE` reads a file, `-` reads stdin' -r
complete -c atmn -n "__fish_atmn_using_subcommand api" -s H -l header -d 'A header, `NAME: VALUE`; can be given several times' -r
complete -c atmn -n "__fish_atmn_using_subcommand api" -l query -d 'A name and value behind the path, `NAME=VALUE`, encoded on the way; can be given several times' -r
complete -c atmn -n "__fish_atmn_using_subcommand api" -l idempotency-key -d 'Let the request be repeated whatever its method: the server counts all with the same key as one' -r
complete -c atmn -n "__fish_atmn_using_subcommand api" -l timeout -d 'How long each try may take: seconds, `90s` or `5m`; thirty seconds unless set' -r
complete -c atmn -n "__fish_atmn_using_subcommand api" -l reauth -d 'Whether a rejected key leads to a login: `never`, `auto` or `always`' -r
complete -c atmn -n "__fish_atmn_using_subcommand api" -l organization -d 'Refuse the keys of any other organization where a login replaces a rejected key' -r
complete -c atmn -n "__fish_atmn_using_subcommand api" -l ports -d 'Callback ports of a test\'s own: `FIRST-LAST`' -r
complete -c atmn -n "__fish_atmn_using_subcommand api" -s p -l prod -d 'Work with the live key instead of the sandbox key'
complete -c atmn -n "__fish_atmn_using_subcommand api" -s l -l local -d 'Use the API server on this machine, http://localhost:8080'
complete -c atmn -n "__fish_atmn_using_subcommand api" -l headless -d 'Ask nothing in the terminal: print the address to log in at, and wait'
complete -c atmn -n "__fish_atmn_using_subcommand api" -l json -d 'Print results as JSON on stdout, failures as JSON on stderr'
complete -c atmn -n "__fish_atmn_using_subcommand api" -s q -l quiet -d 'Print results and failures only'
complete -c atmn -n "__fish_atmn_using_subcommand api" -s v -l verbose -d 'Tell more about what is done'
complete -c atmn -n "__fish_atmn_using_subcommand api" -s i -l include -d 'Print the status and the headers too'
complete -c atmn -n "__fish_atmn_using_subcommand api" -l no-browser -d 'Print the address of such a login only, and open no browser'
complete -c atmn -n "__fish_atmn_using_subcommand api" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c atmn -n "__fish_atmn_using_subcommand serve" -l dir -d 'Work in this directory instead of the current one' -r -F
complete -c atmn -n "__fish_atmn_using_subcommand serve" -l port -d 'The port on 127.0.0.1 and ::1; 0 for any that is free' -r
complete -c atmn -n "__fish_atmn_using_subcommand serve" -s p -l prod -d 'Work with the live key instead of the sandbox key'
complete -c atmn -n "__fish_atmn_using_subcommand serve" -s l -l local -d 'Use the API server on this machine, http://localhost:8080'
complete -c atmn -n "__fish_atmn_using_subcommand serve" -l headless -d 'Ask nothing in the terminal: print the address to log in at, and wait'
complete -c atmn -n "__fish_atmn_using_subcommand serve" -l json -d 'Print results as JSON on stdout, failures as JSON on stderr'
complete -c atmn -n "__fish_atmn_using_subcommand serve" -s q -l quiet -d 'Print results and failures only'
complete -c atmn -n "__fish_atmn_using_subcommand serve" -s v -l verbose -d 'Tell more about what is done'
complete -c atmn -n "__fish_atmn_using_subcommand serve" -l controls -d 'Open the control routes that tests need; they show whole keys'
complete -c atmn -n "__fish_atmn_using_subcommand serve" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c atmn -n "__fish_atmn_using_subcommand help; and not __fish_seen_subcommand_from login env key save logout api serve help" -f -a "login" -d 'Log in with the browser, and save the keys in .env'
complete -c atmn -n "__fish_atmn_using_subcommand help; and not __fish_seen_subcommand_from login env key save logout api serve help" -f -a "env" -d 'Tell whose the key in force is, and where it came from'
complete -c atmn -n "__fish_atmn_using_subcommand help; and not __fish_seen_subcommand_from login env key save logout api serve help" -f -a "key" -d 'Print the key in force'
complete -c atmn -n "__fish_atmn_using_subcommand help; and not __fish_seen_subcommand_from login env key save logout api serve help" -f -a "save" -d 'Save keys from stdin in .env'
complete -c atmn -n "__fish_atmn_using_subcommand help; and not __fish_seen_subcommand_from login env key save logout api serve help" -f -a "logout" -d 'Remove both keys from .env'
complete -c atmn -n "__fish_atmn_using_subcommand help; and not __fish_seen_subcommand_from login env key save logout api serve help" -f -a "api" -d 'Call the API with the key in force'
complete -c atmn -n "__fish_atmn_using_subcommand help; and not __fish_seen_subcommand_from login env key save logout api serve help" -f -a "serve" -d 'Run a small Autumn server on this machine, for development'
complete -c atmn -n "__fish_atmn_using_subcommand help; and not __fish_seen_subcommand_from login env key save logout api serve help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
