
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

    # The values of options and arguments, files after `@`, and programs after `run`.
    $words = @($commandElements | ForEach-Object { $_.Extent.Text })
    $before = if ($wordToComplete) { $words[-2] } else { $words[-1] }
    $subcommand = @($words | Select-Object -Skip 1 | Where-Object { $_ -cin 'login', 'env', 'key', 'save', 'logout', 'run', 'api', 'open', 'doctor', 'completions', 'serve' }) | Select-Object -First 1
    $word = $wordToComplete.Trim("'", '"')
    if ($before -ceq '--dir') {
        Get-ChildItem -Directory -Path "$word*" | ForEach-Object {
            [CompletionResult]::new("'$($_.FullName)'", $_.Name, [CompletionResultType]::ProviderContainer, $_.FullName)
        }
        return
    }
    if ($subcommand -ceq 'run' -and ($before -ceq 'run' -or $before -ceq '--') -and -not $word.StartsWith('-')) {
        [CompletionCompleters]::CompleteCommand($word)
        return
    }
    if ($subcommand -ceq 'api' -and $before -cin '-d', '--data') {
        if ($word.StartsWith('@')) {
            Get-ChildItem -Path "$($word.Substring(1))*" | ForEach-Object {
                [CompletionResult]::new("'@$($_.FullName)'", $_.Name, [CompletionResultType]::ProviderItem, $_.FullName)
            }
        }
        return
    }
    $values = @(switch -CaseSensitive ("$subcommand $before") {
        'login --scopes' { 'customers:create', 'customers:read', 'customers:list', 'customers:update', 'customers:delete', 'features:create', 'features:read', 'features:list', 'features:update', 'features:delete', 'plans:create', 'plans:read', 'plans:list', 'plans:update', 'plans:delete', 'rewards:read', 'rewards:write', 'apiKeys:create', 'apiKeys:read', 'organisation:read' }
        'login --file' { '.env', '.env.local' }
        'save --file' { '.env', '.env.local' }
        'logout --file' { '.env', '.env.local' }
        'api api' { 'GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS' }
        'api -X' { 'GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS' }
        'api --method' { 'GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS' }
        'api --reauth' { 'never', 'auto', 'always' }
        'open open' { 'dashboard', 'keys', 'billing', 'docs' }
        'completions completions' { 'bash', 'elvish', 'fish', 'powershell', 'zsh' }
    })
    $results = @($values | Where-Object { $_ -like "$wordToComplete*" } | ForEach-Object {
        [CompletionResult]::new($_, $_, [CompletionResultType]::ParameterValue, $_)
    })
    if ($results) {
        $results
        return
    }

    $completions = @(switch ($command) {
        'atmn' {
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'Use this directory instead of the working directory')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Use the live key instead of the sandbox key')
            [CompletionResult]::new('--prod', '--prod', [CompletionResultType]::ParameterName, 'Use the live key instead of the sandbox key')
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'Use the API server on this machine, http://localhost:8080')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the API server on this machine, http://localhost:8080')
            [CompletionResult]::new('--headless', '--headless', [CompletionResultType]::ParameterName, 'Never prompt: print the login URL and wait, without reading the terminal')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results as JSON on stdout, and errors as JSON on stderr')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results, errors and login URLs')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results, errors and login URLs')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show more detail: all causes and the context of an error, all locations of a key, all requests to `serve`')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show more detail: all causes and the context of an error, all locations of a key, all requests to `serve`')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('login', 'login', [CompletionResultType]::ParameterValue, 'Log in with the browser and save the keys in .env')
            [CompletionResult]::new('env', 'env', [CompletionResultType]::ParameterValue, 'Show the active key, its organization and where it was found')
            [CompletionResult]::new('whoami', 'whoami', [CompletionResultType]::ParameterValue, 'Show the active key, its organization and where it was found')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show the active key, its organization and where it was found')
            [CompletionResult]::new('key', 'key', [CompletionResultType]::ParameterValue, 'Print the active key')
            [CompletionResult]::new('save', 'save', [CompletionResultType]::ParameterValue, 'Save keys from stdin in .env')
            [CompletionResult]::new('logout', 'logout', [CompletionResultType]::ParameterValue, 'Remove the keys from .env and .env.local')
            [CompletionResult]::new('run', 'run', [CompletionResultType]::ParameterValue, 'Run a program with the active key in its environment')
            [CompletionResult]::new('api', 'api', [CompletionResultType]::ParameterValue, 'Call the API with the active key')
            [CompletionResult]::new('open', 'open', [CompletionResultType]::ParameterValue, 'Open the dashboard or the documentation in the browser')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Check what a login and a call need on this machine')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print a script that completes commands and options in a shell')
            [CompletionResult]::new('serve', 'serve', [CompletionResultType]::ParameterValue, 'Run a local Autumn server for development')
            break
        }
        'atmn;login' {
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'Use this directory instead of the working directory')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Wait at most this long for the login, such as `90s` or `5m`')
            [CompletionResult]::new('--organization', '--organization', [CompletionResultType]::ParameterName, 'Fail unless this organization is chosen')
            [CompletionResult]::new('--scopes', '--scopes', [CompletionResultType]::ParameterName, 'Create keys that may do only this, such as `customers:read,plans:read`')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'The file [default: .env, or .env.local if it has a value or git tracks .env but ignores it]')
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'Use the API server on this machine, http://localhost:8080')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the API server on this machine, http://localhost:8080')
            [CompletionResult]::new('--headless', '--headless', [CompletionResultType]::ParameterName, 'Never prompt: print the login URL and wait, without reading the terminal')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results as JSON on stdout, and errors as JSON on stderr')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results, errors and login URLs')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results, errors and login URLs')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show more detail: all causes and the context of an error, all locations of a key, all requests to `serve`')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show more detail: all causes and the context of an error, all locations of a key, all requests to `serve`')
            [CompletionResult]::new('--no-browser', '--no-browser', [CompletionResultType]::ParameterName, 'Print the login URL and open no browser')
            [CompletionResult]::new('--qr', '--qr', [CompletionResultType]::ParameterName, 'Print a QR code of the login URL too, for the browser of another device')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Replace both keys, even one that still works')
            [CompletionResult]::new('--sandbox-only', '--sandbox-only', [CompletionResultType]::ParameterName, 'Save the sandbox key only')
            [CompletionResult]::new('--allow-tracked', '--allow-tracked', [CompletionResultType]::ParameterName, 'Save even if git tracks the file, or may track it')
            [CompletionResult]::new('--no-gitignore', '--no-gitignore', [CompletionResultType]::ParameterName, 'Do not edit .gitignore; warn if git does not ignore .env')
            [CompletionResult]::new('--begin', '--begin', [CompletionResultType]::ParameterName, 'Print the login URL and exit; finish with `--complete` within ten minutes')
            [CompletionResult]::new('--complete', '--complete', [CompletionResultType]::ParameterName, 'Finish the login that `--begin` started; read the callback URL from stdin')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'atmn;env' {
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'Use this directory instead of the working directory')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Use the live key instead of the sandbox key')
            [CompletionResult]::new('--prod', '--prod', [CompletionResultType]::ParameterName, 'Use the live key instead of the sandbox key')
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'Use the API server on this machine, http://localhost:8080')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the API server on this machine, http://localhost:8080')
            [CompletionResult]::new('--headless', '--headless', [CompletionResultType]::ParameterName, 'Never prompt: print the login URL and wait, without reading the terminal')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results as JSON on stdout, and errors as JSON on stderr')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results, errors and login URLs')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results, errors and login URLs')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show more detail: all causes and the context of an error, all locations of a key, all requests to `serve`')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show more detail: all causes and the context of an error, all locations of a key, all requests to `serve`')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'atmn;whoami' {
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'Use this directory instead of the working directory')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Use the live key instead of the sandbox key')
            [CompletionResult]::new('--prod', '--prod', [CompletionResultType]::ParameterName, 'Use the live key instead of the sandbox key')
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'Use the API server on this machine, http://localhost:8080')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the API server on this machine, http://localhost:8080')
            [CompletionResult]::new('--headless', '--headless', [CompletionResultType]::ParameterName, 'Never prompt: print the login URL and wait, without reading the terminal')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results as JSON on stdout, and errors as JSON on stderr')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results, errors and login URLs')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results, errors and login URLs')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show more detail: all causes and the context of an error, all locations of a key, all requests to `serve`')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show more detail: all causes and the context of an error, all locations of a key, all requests to `serve`')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'atmn;status' {
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'Use this directory instead of the working directory')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Use the live key instead of the sandbox key')
            [CompletionResult]::new('--prod', '--prod', [CompletionResultType]::ParameterName, 'Use the live key instead of the sandbox key')
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'Use the API server on this machine, http://localhost:8080')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the API server on this machine, http://localhost:8080')
            [CompletionResult]::new('--headless', '--headless', [CompletionResultType]::ParameterName, 'Never prompt: print the login URL and wait, without reading the terminal')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results as JSON on stdout, and errors as JSON on stderr')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results, errors and login URLs')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results, errors and login URLs')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show more detail: all causes and the context of an error, all locations of a key, all requests to `serve`')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show more detail: all causes and the context of an error, all locations of a key, all requests to `serve`')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'atmn;key' {
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'Use this directory instead of the working directory')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Use the live key instead of the sandbox key')
            [CompletionResult]::new('--prod', '--prod', [CompletionResultType]::ParameterName, 'Use the live key instead of the sandbox key')
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'Use the API server on this machine, http://localhost:8080')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the API server on this machine, http://localhost:8080')
            [CompletionResult]::new('--headless', '--headless', [CompletionResultType]::ParameterName, 'Never prompt: print the login URL and wait, without reading the terminal')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results as JSON on stdout, and errors as JSON on stderr')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results, errors and login URLs')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results, errors and login URLs')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show more detail: all causes and the context of an error, all locations of a key, all requests to `serve`')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show more detail: all causes and the context of an error, all locations of a key, all requests to `serve`')
            [CompletionResult]::new('--explain', '--explain', [CompletionResultType]::ParameterName, 'List every location where keys are looked for, with its outcome')
            [CompletionResult]::new('--check', '--check', [CompletionResultType]::ParameterName, 'Say whether the text on stdin is a well-formed key, and of which kind; exit code 1 if it is not')
            [CompletionResult]::new('--verify', '--verify', [CompletionResultType]::ParameterName, 'With `--check`, ask the server too; exit code 4 if it rejects the key')
            [CompletionResult]::new('--reveal', '--reveal', [CompletionResultType]::ParameterName, 'Print the whole key, even in a terminal and in JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'atmn;save' {
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'Use this directory instead of the working directory')
            [CompletionResult]::new('--organization', '--organization', [CompletionResultType]::ParameterName, 'With `--verify`, fail unless each key belongs to this organization')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'The file [default: .env, or .env.local if it has a value or git tracks .env but ignores it]')
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'Use the API server on this machine, http://localhost:8080')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the API server on this machine, http://localhost:8080')
            [CompletionResult]::new('--headless', '--headless', [CompletionResultType]::ParameterName, 'Never prompt: print the login URL and wait, without reading the terminal')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results as JSON on stdout, and errors as JSON on stderr')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results, errors and login URLs')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results, errors and login URLs')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show more detail: all causes and the context of an error, all locations of a key, all requests to `serve`')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show more detail: all causes and the context of an error, all locations of a key, all requests to `serve`')
            [CompletionResult]::new('--verify', '--verify', [CompletionResultType]::ParameterName, 'Ask the server whether it accepts each key before it is saved')
            [CompletionResult]::new('--allow-tracked', '--allow-tracked', [CompletionResultType]::ParameterName, 'Save even if git tracks the file, or may track it')
            [CompletionResult]::new('--no-gitignore', '--no-gitignore', [CompletionResultType]::ParameterName, 'Do not edit .gitignore; warn if git does not ignore .env')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'atmn;logout' {
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'Use this directory instead of the working directory')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'The only file to edit: `.env` or `.env.local` [default: both]')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Use the live key instead of the sandbox key')
            [CompletionResult]::new('--prod', '--prod', [CompletionResultType]::ParameterName, 'Use the live key instead of the sandbox key')
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'Use the API server on this machine, http://localhost:8080')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the API server on this machine, http://localhost:8080')
            [CompletionResult]::new('--headless', '--headless', [CompletionResultType]::ParameterName, 'Never prompt: print the login URL and wait, without reading the terminal')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results as JSON on stdout, and errors as JSON on stderr')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results, errors and login URLs')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results, errors and login URLs')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show more detail: all causes and the context of an error, all locations of a key, all requests to `serve`')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show more detail: all causes and the context of an error, all locations of a key, all requests to `serve`')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'atmn;run' {
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'Use this directory instead of the working directory')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Use the live key instead of the sandbox key')
            [CompletionResult]::new('--prod', '--prod', [CompletionResultType]::ParameterName, 'Use the live key instead of the sandbox key')
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'Use the API server on this machine, http://localhost:8080')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the API server on this machine, http://localhost:8080')
            [CompletionResult]::new('--headless', '--headless', [CompletionResultType]::ParameterName, 'Never prompt: print the login URL and wait, without reading the terminal')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results as JSON on stdout, and errors as JSON on stderr')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results, errors and login URLs')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results, errors and login URLs')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show more detail: all causes and the context of an error, all locations of a key, all requests to `serve`')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show more detail: all causes and the context of an error, all locations of a key, all requests to `serve`')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'atmn;api' {
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'Use this directory instead of the working directory')
            [CompletionResult]::new('-X', '-X ', [CompletionResultType]::ParameterName, 'The method, as an option')
            [CompletionResult]::new('--method', '--method', [CompletionResultType]::ParameterName, 'The method, as an option')
            [CompletionResult]::new('-d', '-d', [CompletionResultType]::ParameterName, 'Send this JSON as the body; `@FILE` reads a file, `-` reads stdin')
            [CompletionResult]::new('--data', '--data', [CompletionResultType]::ParameterName, 'Send this JSON as the body; `@FILE` reads a file, `-` reads stdin')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Send a text as a member of a JSON body, or with GET as a query parameter (repeatable)')
            [CompletionResult]::new('--field', '--field', [CompletionResultType]::ParameterName, 'Send a text as a member of a JSON body, or with GET as a query parameter (repeatable)')
            [CompletionResult]::new('-H', '-H ', [CompletionResultType]::ParameterName, 'Add a header, `NAME: VALUE` (repeatable)')
            [CompletionResult]::new('--header', '--header', [CompletionResultType]::ParameterName, 'Add a header, `NAME: VALUE` (repeatable)')
            [CompletionResult]::new('--query', '--query', [CompletionResultType]::ParameterName, 'Add a query parameter (repeatable)')
            [CompletionResult]::new('--idempotency-key', '--idempotency-key', [CompletionResultType]::ParameterName, 'Make retries safe: the server runs requests with the same key once')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'The time limit of each attempt, such as `90s` or `5m` [default: 30s]')
            [CompletionResult]::new('--retries', '--retries', [CompletionResultType]::ParameterName, 'How many times to retry at most, all within thirty seconds [default: 3]')
            [CompletionResult]::new('--reauth', '--reauth', [CompletionResultType]::ParameterName, 'When to log in again if the key is rejected: `never`, `auto` or `always`')
            [CompletionResult]::new('--organization', '--organization', [CompletionResultType]::ParameterName, 'When logging in again, fail unless this organization is chosen')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Use the live key instead of the sandbox key')
            [CompletionResult]::new('--prod', '--prod', [CompletionResultType]::ParameterName, 'Use the live key instead of the sandbox key')
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'Use the API server on this machine, http://localhost:8080')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the API server on this machine, http://localhost:8080')
            [CompletionResult]::new('--headless', '--headless', [CompletionResultType]::ParameterName, 'Never prompt: print the login URL and wait, without reading the terminal')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results as JSON on stdout, and errors as JSON on stderr')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results, errors and login URLs')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results, errors and login URLs')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show more detail: all causes and the context of an error, all locations of a key, all requests to `serve`')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show more detail: all causes and the context of an error, all locations of a key, all requests to `serve`')
            [CompletionResult]::new('-i', '-i', [CompletionResultType]::ParameterName, 'Print the status and headers before the body')
            [CompletionResult]::new('--include', '--include', [CompletionResultType]::ParameterName, 'Print the status and headers before the body')
            [CompletionResult]::new('--paginate', '--paginate', [CompletionResultType]::ParameterName, 'Request the following pages of a list too, as long as the server says that there are more')
            [CompletionResult]::new('--no-browser', '--no-browser', [CompletionResultType]::ParameterName, 'When logging in again, print the URL and open no browser')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'atmn;open' {
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'Use the API server on this machine, http://localhost:8080')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the API server on this machine, http://localhost:8080')
            [CompletionResult]::new('--headless', '--headless', [CompletionResultType]::ParameterName, 'Never prompt: print the login URL and wait, without reading the terminal')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results as JSON on stdout, and errors as JSON on stderr')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results, errors and login URLs')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results, errors and login URLs')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show more detail: all causes and the context of an error, all locations of a key, all requests to `serve`')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show more detail: all causes and the context of an error, all locations of a key, all requests to `serve`')
            [CompletionResult]::new('--no-browser', '--no-browser', [CompletionResultType]::ParameterName, 'Print the URL and open no browser')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'atmn;doctor' {
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'Use this directory instead of the working directory')
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'Use the API server on this machine, http://localhost:8080')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the API server on this machine, http://localhost:8080')
            [CompletionResult]::new('--headless', '--headless', [CompletionResultType]::ParameterName, 'Never prompt: print the login URL and wait, without reading the terminal')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results as JSON on stdout, and errors as JSON on stderr')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results, errors and login URLs')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results, errors and login URLs')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show more detail: all causes and the context of an error, all locations of a key, all requests to `serve`')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show more detail: all causes and the context of an error, all locations of a key, all requests to `serve`')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Check no server')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'atmn;completions' {
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'Use the API server on this machine, http://localhost:8080')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the API server on this machine, http://localhost:8080')
            [CompletionResult]::new('--headless', '--headless', [CompletionResultType]::ParameterName, 'Never prompt: print the login URL and wait, without reading the terminal')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results, errors and login URLs')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results, errors and login URLs')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show more detail: all causes and the context of an error, all locations of a key, all requests to `serve`')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show more detail: all causes and the context of an error, all locations of a key, all requests to `serve`')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'atmn;serve' {
            [CompletionResult]::new('--port', '--port', [CompletionResultType]::ParameterName, 'Listen on this port of 127.0.0.1 and ::1; 0 uses any free port')
            [CompletionResult]::new('--organization', '--organization', [CompletionResultType]::ParameterName, 'Print the keys of this organization [default: copper-kettle]')
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'Use the API server on this machine, http://localhost:8080')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the API server on this machine, http://localhost:8080')
            [CompletionResult]::new('--headless', '--headless', [CompletionResultType]::ParameterName, 'Never prompt: print the login URL and wait, without reading the terminal')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results as JSON on stdout, and errors as JSON on stderr')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results, errors and login URLs')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results, errors and login URLs')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show more detail: all causes and the context of an error, all locations of a key, all requests to `serve`')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show more detail: all causes and the context of an error, all locations of a key, all requests to `serve`')
            [CompletionResult]::new('--controls', '--controls', [CompletionResultType]::ParameterName, 'Answer the control routes for tests under /_test/, which show whole keys and approve logins')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
