# The cells of a notebook. Nothing is printed by the library, so the address is shown here, and what the browser ends at
# is pasted here: a notebook's server is often not where the browser is.

# %%
import libatmn

attempt = libatmn.start_login(open_browser=False)
print("Log in at", attempt.url)

# %% Lets it move for a moment. If the browser came back by itself, this is all.
done = attempt.poll(0.5)

# %% If it could not, paste the address that it ended at.
if done is None:
    attempt.submit(input("Address: "))
    done = attempt.wait()

# %%
print("Logged in to", done.organization.name if done.organization else "an organization")
print(libatmn.resolve_key().source)
