# Runs the formula's installation without Homebrew, and looks for the files. `make` is replaced by its install scripts.
#
#   ruby test.rb BUILT
require "fileutils"
require "pathname"
require "tmpdir"

ROOT = Pathname(__dir__).parent.parent
BUILT = File.realpath(ARGV.fetch(0))

class Pathname
  # As in Homebrew: moves files into this folder.
  def install(*files)
    mkpath
    files.each { |file| FileUtils.mv(file, self / file.basename) }
  end
end

class Formula
  class << self
    %i[desc homepage url sha256 license depends_on test].each { |name| define_method(name) { |*| nil } }
  end

  attr_reader :prefix

  def initialize(prefix) = @prefix = prefix
  def share = prefix/"share"
  def bash_completion = prefix/"etc/bash_completion.d"
  def zsh_completion = share/"zsh/site-functions"
  def fish_completion = share/"fish/vendor_completions.d"

  def system(*command)
    raise "unknown command #{command}" unless command == ["make", "install", "install-command", "PREFIX=#{prefix}"]

    %w[c shell].each { |binding| Kernel.system("#{ROOT}/bindings/#{binding}/install", BUILT, prefix.to_s, exception: true) }
  end
end

require_relative "atmn"

Dir.mktmpdir do |folder|
  prefix = Pathname(folder)/"prefix"
  Atmn.new(prefix).install
  %w[
    bin/atmn include/atmn.h lib/pkgconfig/atmn.pc share/man/man1/atmn.1 share/man/man3/atmn.3 etc/bash_completion.d/atmn
    share/zsh/site-functions/_atmn share/fish/vendor_completions.d/atmn.fish share/doc/atmn/examples/key.c
  ].each { |file| raise "#{file} is missing" unless (prefix/file).file? }
end
puts "the formula installs all files"
