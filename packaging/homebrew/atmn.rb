# The command, its man pages and completions, and the C library, from source.
class Atmn < Formula
  desc "Log in to Autumn, keep its API keys in .env, and call its API"
  homepage "https://useautumn.com"
  url "https://github.com/OWNER/libatmn/archive/refs/tags/v0.1.0.tar.gz"
  sha256 "0000000000000000000000000000000000000000000000000000000000000000"
  license any_of: ["Apache-2.0", "MIT"]

  depends_on "pkgconf" => :test
  depends_on "rust" => :build

  def install
    system "make", "install", "install-command", "PREFIX=#{prefix}"
    # Completions for fish and zsh are already where Homebrew has them.
    bash_completion.install share/"bash-completion/completions/atmn"
  end

  test do
    (testpath/".env").write "AUTUMN_SECRET_KEY=am_sk_test_0123456789ab\n"
    assert_equal "am_sk_test_0123456789ab", shell_output("#{bin}/atmn key").strip
    flags = shell_output("pkgconf --cflags --libs atmn").split
    system ENV.cc, share/"doc/atmn/examples/key.c", "-o", "key", *flags
    assert_match "from AUTUMN_SECRET_KEY", shell_output("./key")
  end
end
