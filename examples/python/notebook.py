# The cells of a notebook. The library prints nothing, so the notebook shows the login URL. The notebook's server often
# runs on another machine than the browser; then the user pastes the URL that the browser shows at the end.

# %%
import libatmn

attempt = libatmn.start_login(open_browser=False)
print("Log in at", attempt.url)

# %% Answer callbacks for a moment. If the browser reached this machine, the login is done.
done = attempt.poll(0.5)

# %% Otherwise, paste the URL that the browser shows at the end.
if done is None:
    attempt.submit(input("Pasted URL: "))
    done = attempt.wait()

# %%
print("Logged in to", done.organization.name if done.organization else "an organization")
print(libatmn.resolve_key().source)
