require "json"
require "timeout"
require "tmpdir"
# By version: a newer gem on the same machine would be loaded instead.
gem "dotenv", "2.4.0"
require "dotenv"

SECONDS = 5

# $(command) in a value would run on the machine of whoever runs the tests.
Dotenv::Substitutions::Command.define_singleton_method(:`) { |_command| "" }

# Dotenv.load reads with this call and then writes to ENV; there is no Dotenv.parse yet.
def answer(path)
  values = Timeout.timeout(SECONDS) { Dotenv::Environment.new(path, true) }
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
  # Dotenv expands ${NAME} from the process too, and first.
  ENV.clear
  $stdout.sync = true
  $stdin.set_encoding(Encoding::UTF_8)
  $stdin.each_line do |line|
    kase = JSON.parse(line, symbolize_names: true)
    File.binwrite(path, kase[:bytes].encode(Encoding::ISO_8859_1))
    puts JSON.generate(id: kase[:id], **answer(path))
  end
end
