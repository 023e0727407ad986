// Lists the customers with the active key. The system's loader finds the shared library, or LD_LIBRARY_PATH names its folder.
//
//     mcs Customers.cs && mono Customers.exe

using System;
using System.Runtime.InteropServices;

static class Atmn
{
    // The functions of libatmn that this program calls. An `atmn_code` is an int, and every object an IntPtr.
    const string Library = "atmn";

    [DllImport(Library)] static extern IntPtr atmn_error_message(IntPtr error);
    [DllImport(Library)] static extern void atmn_error_free(IntPtr error);
    [DllImport(Library)] internal static extern int atmn_resolve_key(IntPtr options, out IntPtr result, out IntPtr error);
    [DllImport(Library)] internal static extern IntPtr atmn_resolved_key_key(IntPtr resolved);
    [DllImport(Library)] internal static extern IntPtr atmn_resolved_key_source(IntPtr resolved);
    [DllImport(Library)] internal static extern void atmn_resolved_key_free(IntPtr resolved);
    [DllImport(Library)] internal static extern IntPtr atmn_key_masked(IntPtr key);
    [DllImport(Library)] internal static extern IntPtr atmn_location_text(IntPtr location);
    [DllImport(Library)] internal static extern int atmn_client_new(IntPtr options, out IntPtr result, out IntPtr error);
    [DllImport(Library)] internal static extern int atmn_client_request(
        IntPtr client, IntPtr request, IntPtr canceller, out IntPtr result, out IntPtr error);
    [DllImport(Library)] internal static extern void atmn_client_free(IntPtr client);
    [DllImport(Library)] internal static extern IntPtr atmn_request_new(
        [MarshalAs(UnmanagedType.LPUTF8Str)] string method, [MarshalAs(UnmanagedType.LPUTF8Str)] string path);
    [DllImport(Library)] internal static extern void atmn_request_free(IntPtr request);
    [DllImport(Library)] internal static extern int atmn_response_status(IntPtr response);
    [DllImport(Library)] internal static extern IntPtr atmn_response_body(IntPtr response, IntPtr length);
    [DllImport(Library)] internal static extern void atmn_response_free(IntPtr response);

    /// A call that stores a result or an error, and returns a code.
    internal delegate int Call(out IntPtr result, out IntPtr error);

    internal static IntPtr Result(Call call)
    {
        IntPtr result, error;
        if (call(out result, out error) == 0)
            return result;
        string message = Text(atmn_error_message(error));
        atmn_error_free(error);
        throw new InvalidOperationException(message);
    }

    /// A copy of a text, because the object that lends it is freed.
    internal static string Text(IntPtr text)
    {
        return Marshal.PtrToStringUTF8(text);
    }
}

static class Customers
{
    static string ActiveKey()
    {
        IntPtr resolved = Atmn.Result((out IntPtr result, out IntPtr error) =>
            Atmn.atmn_resolve_key(IntPtr.Zero, out result, out error));
        try
        {
            return Atmn.Text(Atmn.atmn_key_masked(Atmn.atmn_resolved_key_key(resolved))) + " from "
                + Atmn.Text(Atmn.atmn_location_text(Atmn.atmn_resolved_key_source(resolved)));
        }
        finally
        {
            Atmn.atmn_resolved_key_free(resolved);
        }
    }

    static string Get(string path)
    {
        IntPtr client = Atmn.Result((out IntPtr result, out IntPtr error) =>
            Atmn.atmn_client_new(IntPtr.Zero, out result, out error));
        IntPtr request = Atmn.atmn_request_new("GET", path);
        IntPtr response = IntPtr.Zero;
        try
        {
            response = Atmn.Result((out IntPtr result, out IntPtr error) =>
                Atmn.atmn_client_request(client, request, IntPtr.Zero, out result, out error));
            return Atmn.atmn_response_status(response) + " " + Atmn.Text(Atmn.atmn_response_body(response, IntPtr.Zero));
        }
        finally
        {
            Atmn.atmn_response_free(response);
            Atmn.atmn_request_free(request);
            Atmn.atmn_client_free(client);
        }
    }

    static int Main()
    {
        try
        {
            Console.WriteLine(ActiveKey());
            Console.WriteLine(Get("/v1/customers"));
            return 0;
        }
        catch (InvalidOperationException failure)
        {
            Console.Error.WriteLine(failure.Message);
            return 1;
        }
    }
}
