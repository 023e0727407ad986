# frozen_string_literal: true

# Lists the customers with the active key. LIBATMN names the shared library, if the system does not find it.
#
#     ruby customers.rb

require "fiddle/import"

# The functions of libatmn that this program calls.
module Atmn
  extend Fiddle::Importer
  dlload ENV.fetch("LIBATMN", "libatmn.so.0")

  extern "const char *atmn_error_message(const void *)"
  extern "void atmn_error_free(void *)"
  extern "int atmn_resolve_key(const void *, void *, void *)"
  extern "const void *atmn_resolved_key_key(const void *)"
  extern "const void *atmn_resolved_key_source(const void *)"
  extern "void atmn_resolved_key_free(void *)"
  extern "const char *atmn_key_masked(const void *)"
  extern "const char *atmn_location_text(const void *)"
  extern "int atmn_client_new(const void *, void *, void *)"
  extern "int atmn_client_request(void *, const void *, void *, void *, void *)"
  extern "void atmn_client_free(void *)"
  extern "void *atmn_request_new(const char *, const char *)"
  extern "void atmn_request_free(void *)"
  extern "int atmn_response_status(const void *)"
  extern "const char *atmn_response_body(const void *, void *)"
  extern "void atmn_response_free(void *)"

  # Room for a pointer that a call stores.
  def self.place
    Fiddle::Pointer.malloc(Fiddle::SIZEOF_VOIDP, Fiddle::RUBY_FREE).tap do |room|
      room[0, Fiddle::SIZEOF_VOIDP] = "\0" * Fiddle::SIZEOF_VOIDP
    end
  end

  # Makes a call with places for its result and its error; returns the result.
  def self.call
    out, error = place, place
    return out.ptr if yield(out, error).zero?

    message = text(atmn_error_message(error.ptr))
    atmn_error_free(error.ptr)
    raise message
  end

  def self.text(pointer)
    pointer.to_s.force_encoding(Encoding::UTF_8)
  end
end

# The active key, masked, and where it was found.
def active_key
  resolved = Atmn.call { |out, error| Atmn.atmn_resolve_key(nil, out, error) }
  masked = Atmn.text(Atmn.atmn_key_masked(Atmn.atmn_resolved_key_key(resolved)))
  [masked, Atmn.text(Atmn.atmn_location_text(Atmn.atmn_resolved_key_source(resolved)))]
ensure
  Atmn.atmn_resolved_key_free(resolved)
end

# Status and body of a response.
def get(path)
  client = Atmn.call { |out, error| Atmn.atmn_client_new(nil, out, error) }
  request = Atmn.atmn_request_new("GET", path)
  response = Atmn.call { |out, error| Atmn.atmn_client_request(client, request, nil, out, error) }
  [Atmn.atmn_response_status(response), Atmn.text(Atmn.atmn_response_body(response, nil))]
ensure
  Atmn.atmn_response_free(response)
  Atmn.atmn_request_free(request)
  Atmn.atmn_client_free(client)
end

begin
  masked, source = active_key
  puts "#{masked} from #{source}"
  puts get("/v1/customers").join(" ")
rescue RuntimeError => e
  abort e.message
end
