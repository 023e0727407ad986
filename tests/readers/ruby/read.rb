require "json"
require "timeout"
require "tmpdir"
# The version is given, since Ruby would load a newer gem if one is installed.
gem "dotenv", "2.4.0"
require "dotenv"

TIMEOUT = 5

# Dotenv would run $(command) in a value on this machine.
Dotenv::Substitutions::Command.define_singleton_method(:`) { |_command| "" }

# Dotenv.load makes this call, and then writes to ENV. This version has no Dotenv.parse.
def answer(path)
  values = Timeout.timeout(TIMEOUT) { Dotenv::Environment.new(path, true) }
  { values: values.to_h { |name, value| [bytes_of(name), bytes_of(value)] } }
rescue Timeout::Error
  { hangs: true }
rescue StandardError, SyntaxError
  { refuses: true }
end

def bytes_of(text)
  text.dup.force_encoding(Encoding::ISO_8859_1).encode(Encoding::UTF_8)
end

Dir.mktmpdir("reader-") do |directory|
  path = File.join(directory, ".env")
  # Dotenv prefers the process environment when it expands ${NAME}.
  ENV.clear
  $stdout.sync = true
  $stdin.set_encoding(Encoding::UTF_8)
  $stdin.each_line do |line|
    kase = JSON.parse(line, symbolize_names: true)
    File.binwrite(path, kase[:bytes].encode(Encoding::ISO_8859_1))
    puts JSON.generate(id: kase[:id], **answer(path))
  end
end
