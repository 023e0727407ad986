
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'atmn' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'atmn'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'atmn' {
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'Work in this directory instead of the current one')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Work with the live key instead of the sandbox key')
            [CompletionResult]::new('--prod', '--prod', [CompletionResultType]::ParameterName, 'Work with the live key instead of the sandbox key')
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'Use the API server on this machine, http://localhost:8080')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the API server on this machine, http://localhost:8080')
            [CompletionResult]::new('--headless', '--headless', [CompletionResultType]::ParameterName, 'Ask nothing in the terminal: print the address to log in at, and wait')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results as JSON on stdout, failures as JSON on stderr')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and failures only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and failures only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell more about what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell more about what is done')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('login', 'login', [CompletionResultType]::ParameterValue, 'Log in with the browser, and save the keys in .env')
            [CompletionResult]::new('env', 'env', [CompletionResultType]::ParameterValue, 'Tell whose the key in force is, and where it came from')
            [CompletionResult]::new('key', 'key', [CompletionResultType]::ParameterValue, 'Print the key in force')
            [CompletionResult]::new('save', 'save', [CompletionResultType]::ParameterValue, 'Save keys from stdin in .env')
            [CompletionResult]::new('logout', 'logout', [CompletionResultType]::ParameterValue, 'Remove both keys from .env')
            [CompletionResult]::new('api', 'api', [CompletionResultType]::ParameterValue, 'Call the API with the key in force')
            [CompletionResult]::new('serve', 'serve', [CompletionResultType]::ParameterValue, 'Run a small Autumn server on this machine, for development')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'atmn;login' {
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'Work in this directory instead of the current one')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait for the login: seconds, `90s` or `5m`')
            [CompletionResult]::new('--organization', '--organization', [CompletionResultType]::ParameterName, 'Refuse the keys of any other organization')
            [CompletionResult]::new('--ports', '--ports', [CompletionResultType]::ParameterName, 'Callback ports of a test''s own: `FIRST-LAST`')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Work with the live key instead of the sandbox key')
            [CompletionResult]::new('--prod', '--prod', [CompletionResultType]::ParameterName, 'Work with the live key instead of the sandbox key')
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'Use the API server on this machine, http://localhost:8080')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the API server on this machine, http://localhost:8080')
            [CompletionResult]::new('--headless', '--headless', [CompletionResultType]::ParameterName, 'Ask nothing in the terminal: print the address to log in at, and wait')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results as JSON on stdout, failures as JSON on stderr')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and failures only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and failures only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell more about what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell more about what is done')
            [CompletionResult]::new('--no-browser', '--no-browser', [CompletionResultType]::ParameterName, 'Print the address only, and open no browser')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Log in even if the keys in .env still work')
            [CompletionResult]::new('--sandbox-only', '--sandbox-only', [CompletionResultType]::ParameterName, 'Save the sandbox key only')
            [CompletionResult]::new('--allow-tracked', '--allow-tracked', [CompletionResultType]::ParameterName, 'Write even if git tracks the file')
            [CompletionResult]::new('--no-gitignore', '--no-gitignore', [CompletionResultType]::ParameterName, 'Leave .gitignore alone and only report that .env is not ignored')
            [CompletionResult]::new('--begin', '--begin', [CompletionResultType]::ParameterName, 'Print the address and end; `--complete` finishes within ten minutes')
            [CompletionResult]::new('--complete', '--complete', [CompletionResultType]::ParameterName, 'Finish what `--begin` began, with the address on stdin at which the browser ended')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'atmn;env' {
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'Work in this directory instead of the current one')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Work with the live key instead of the sandbox key')
            [CompletionResult]::new('--prod', '--prod', [CompletionResultType]::ParameterName, 'Work with the live key instead of the sandbox key')
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'Use the API server on this machine, http://localhost:8080')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the API server on this machine, http://localhost:8080')
            [CompletionResult]::new('--headless', '--headless', [CompletionResultType]::ParameterName, 'Ask nothing in the terminal: print the address to log in at, and wait')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results as JSON on stdout, failures as JSON on stderr')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and failures only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and failures only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell more about what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell more about what is done')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'atmn;key' {
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'Work in this directory instead of the current one')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Work with the live key instead of the sandbox key')
            [CompletionResult]::new('--prod', '--prod', [CompletionResultType]::ParameterName, 'Work with the live key instead of the sandbox key')
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'Use the API server on this machine, http://localhost:8080')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the API server on this machine, http://localhost:8080')
            [CompletionResult]::new('--headless', '--headless', [CompletionResultType]::ParameterName, 'Ask nothing in the terminal: print the address to log in at, and wait')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results as JSON on stdout, failures as JSON on stderr')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and failures only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and failures only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell more about what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell more about what is done')
            [CompletionResult]::new('--explain', '--explain', [CompletionResultType]::ParameterName, 'List every place that was looked at, and what became of it')
            [CompletionResult]::new('--check', '--check', [CompletionResultType]::ParameterName, 'Tell what the key on stdin is, without looking anywhere; exit code 1 if it is none')
            [CompletionResult]::new('--reveal', '--reveal', [CompletionResultType]::ParameterName, 'Print the key unmasked, in a terminal and in JSON too')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'atmn;save' {
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'Work in this directory instead of the current one')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Work with the live key instead of the sandbox key')
            [CompletionResult]::new('--prod', '--prod', [CompletionResultType]::ParameterName, 'Work with the live key instead of the sandbox key')
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'Use the API server on this machine, http://localhost:8080')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the API server on this machine, http://localhost:8080')
            [CompletionResult]::new('--headless', '--headless', [CompletionResultType]::ParameterName, 'Ask nothing in the terminal: print the address to log in at, and wait')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results as JSON on stdout, failures as JSON on stderr')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and failures only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and failures only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell more about what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell more about what is done')
            [CompletionResult]::new('--allow-tracked', '--allow-tracked', [CompletionResultType]::ParameterName, 'Write even if git tracks the file')
            [CompletionResult]::new('--no-gitignore', '--no-gitignore', [CompletionResultType]::ParameterName, 'Leave .gitignore alone and only report that .env is not ignored')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'atmn;logout' {
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'Work in this directory instead of the current one')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Work with the live key instead of the sandbox key')
            [CompletionResult]::new('--prod', '--prod', [CompletionResultType]::ParameterName, 'Work with the live key instead of the sandbox key')
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'Use the API server on this machine, http://localhost:8080')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the API server on this machine, http://localhost:8080')
            [CompletionResult]::new('--headless', '--headless', [CompletionResultType]::ParameterName, 'Ask nothing in the terminal: print the address to log in at, and wait')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results as JSON on stdout, failures as JSON on stderr')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and failures only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and failures only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell more about what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell more about what is done')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'atmn;api' {
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'Work in this directory instead of the current one')
            [CompletionResult]::new('-d', '-d', [CompletionResultType]::ParameterName, 'The body, JSON; `@FILE` reads a file, `-` reads stdin')
            [CompletionResult]::new('--data', '--data', [CompletionResultType]::ParameterName, 'The body, JSON; `@FILE` reads a file, `-` reads stdin')
            [CompletionResult]::new('-H', '-H ', [CompletionResultType]::ParameterName, 'A header, `NAME: VALUE`; can be given several times')
            [CompletionResult]::new('--header', '--header', [CompletionResultType]::ParameterName, 'A header, `NAME: VALUE`; can be given several times')
            [CompletionResult]::new('--query', '--query', [CompletionResultType]::ParameterName, 'A name and value behind the path, `NAME=VALUE`, encoded on the way; can be given several times')
            [CompletionResult]::new('--idempotency-key', '--idempotency-key', [CompletionResultType]::ParameterName, 'Let the request be repeated whatever its method: the server counts all with the same key as one')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long each try may take: seconds, `90s` or `5m`; thirty seconds unless set')
            [CompletionResult]::new('--reauth', '--reauth', [CompletionResultType]::ParameterName, 'Whether a rejected key leads to a login: `never`, `auto` or `always`')
            [CompletionResult]::new('--organization', '--organization', [CompletionResultType]::ParameterName, 'Refuse the keys of any other organization where a login replaces a rejected key')
            [CompletionResult]::new('--ports', '--ports', [CompletionResultType]::ParameterName, 'Callback ports of a test''s own: `FIRST-LAST`')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Work with the live key instead of the sandbox key')
            [CompletionResult]::new('--prod', '--prod', [CompletionResultType]::ParameterName, 'Work with the live key instead of the sandbox key')
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'Use the API server on this machine, http://localhost:8080')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the API server on this machine, http://localhost:8080')
            [CompletionResult]::new('--headless', '--headless', [CompletionResultType]::ParameterName, 'Ask nothing in the terminal: print the address to log in at, and wait')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results as JSON on stdout, failures as JSON on stderr')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and failures only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and failures only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell more about what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell more about what is done')
            [CompletionResult]::new('-i', '-i', [CompletionResultType]::ParameterName, 'Print the status and the headers too')
            [CompletionResult]::new('--include', '--include', [CompletionResultType]::ParameterName, 'Print the status and the headers too')
            [CompletionResult]::new('--no-browser', '--no-browser', [CompletionResultType]::ParameterName, 'Print the address of such a login only, and open no browser')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'atmn;serve' {
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'Work in this directory instead of the current one')
            [CompletionResult]::new('--port', '--port', [CompletionResultType]::ParameterName, 'The port on 127.0.0.1 and ::1; 0 for any that is free')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Work with the live key instead of the sandbox key')
            [CompletionResult]::new('--prod', '--prod', [CompletionResultType]::ParameterName, 'Work with the live key instead of the sandbox key')
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'Use the API server on this machine, http://localhost:8080')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the API server on this machine, http://localhost:8080')
            [CompletionResult]::new('--headless', '--headless', [CompletionResultType]::ParameterName, 'Ask nothing in the terminal: print the address to log in at, and wait')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results as JSON on stdout, failures as JSON on stderr')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and failures only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and failures only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell more about what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell more about what is done')
            [CompletionResult]::new('--controls', '--controls', [CompletionResultType]::ParameterName, 'Open the control routes that tests need; they show whole keys')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'atmn;help' {
            [CompletionResult]::new('login', 'login', [CompletionResultType]::ParameterValue, 'Log in with the browser, and save the keys in .env')
            [CompletionResult]::new('env', 'env', [CompletionResultType]::ParameterValue, 'Tell whose the key in force is, and where it came from')
            [CompletionResult]::new('key', 'key', [CompletionResultType]::ParameterValue, 'Print the key in force')
            [CompletionResult]::new('save', 'save', [CompletionResultType]::ParameterValue, 'Save keys from stdin in .env')
            [CompletionResult]::new('logout', 'logout', [CompletionResultType]::ParameterValue, 'Remove both keys from .env')
            [CompletionResult]::new('api', 'api', [CompletionResultType]::ParameterValue, 'Call the API with the key in force')
            [CompletionResult]::new('serve', 'serve', [CompletionResultType]::ParameterValue, 'Run a small Autumn server on this machine, for development')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'atmn;help;login' {
            break
        }
        'atmn;help;env' {
            break
        }
        'atmn;help;key' {
            break
        }
        'atmn;help;save' {
            break
        }
        'atmn;help;logout' {
            break
        }
        'atmn;help;api' {
            break
        }
        'atmn;help;serve' {
            break
        }
        'atmn;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
