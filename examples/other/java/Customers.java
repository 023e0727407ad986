// Lists the customers with the active key. The property jna.library.path names the folder of the shared library, if the
// system does not find it.
//
//     javac -cp jna.jar Customers.java && java -cp jna.jar:. Customers

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.PointerByReference;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

public class Customers {
    /** The functions of libatmn that this program calls. */
    interface Atmn extends Library {
        String atmn_error_message(Pointer error);
        void atmn_error_free(Pointer error);
        int atmn_resolve_key(Pointer options, PointerByReference out, PointerByReference error);
        Pointer atmn_resolved_key_key(Pointer resolved);
        Pointer atmn_resolved_key_source(Pointer resolved);
        void atmn_resolved_key_free(Pointer resolved);
        String atmn_key_masked(Pointer key);
        String atmn_location_text(Pointer location);
        int atmn_client_new(Pointer options, PointerByReference out, PointerByReference error);
        int atmn_client_request(Pointer client, Pointer request, Pointer canceller, PointerByReference out,
                                PointerByReference error);
        void atmn_client_free(Pointer client);
        Pointer atmn_request_new(String method, String path);
        void atmn_request_free(Pointer request);
        int atmn_response_status(Pointer response);
        String atmn_response_body(Pointer response, Pointer length);
        void atmn_response_free(Pointer response);
    }

    static final Atmn ATMN = Native.load("atmn", Atmn.class, Map.of(Library.OPTION_STRING_ENCODING, "UTF-8"));

    /** A call that stores a result or an error, and returns a code. */
    interface Call {
        int run(PointerByReference out, PointerByReference error);
    }

    static Pointer result(Call call) {
        var out = new PointerByReference();
        var error = new PointerByReference();
        if (call.run(out, error) == 0) {
            return out.getValue();
        }
        String message = ATMN.atmn_error_message(error.getValue());
        ATMN.atmn_error_free(error.getValue());
        throw new IllegalStateException(message);
    }

    static String activeKey() {
        Pointer resolved = result((out, error) -> ATMN.atmn_resolve_key(null, out, error));
        try {
            return ATMN.atmn_key_masked(ATMN.atmn_resolved_key_key(resolved)) + " from "
                + ATMN.atmn_location_text(ATMN.atmn_resolved_key_source(resolved));
        } finally {
            ATMN.atmn_resolved_key_free(resolved);
        }
    }

    static String get(String path) {
        Pointer client = result((out, error) -> ATMN.atmn_client_new(null, out, error));
        Pointer request = ATMN.atmn_request_new("GET", path);
        Pointer response = null;
        try {
            response = result((out, error) -> ATMN.atmn_client_request(client, request, null, out, error));
            return ATMN.atmn_response_status(response) + " " + ATMN.atmn_response_body(response, null);
        } finally {
            ATMN.atmn_response_free(response);
            ATMN.atmn_request_free(request);
            ATMN.atmn_client_free(client);
        }
    }

    public static void main(String[] arguments) {
        var output = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        try {
            output.println(activeKey());
            output.println(get("/v1/customers"));
        } catch (IllegalStateException failure) {
            System.err.println(failure.getMessage());
            System.exit(1);
        }
    }
}
