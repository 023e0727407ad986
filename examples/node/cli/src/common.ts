import type { AtmnEvent } from 'libatmn';
import spinner from 'yocto-spinner';

/** The options of all commands. */
export interface Common {
  server: string | undefined;
  directory: string | undefined;
}

/** A spinner that shows events. What the user has to read gets its own line. */
export function progress() {
  const waiting = spinner({ text: 'Waiting' });
  const print = (write: () => void): void => {
    waiting.stop();
    write();
    waiting.start();
  };
  const onEvent = ({ code, message, context }: AtmnEvent): void => {
    if (code === 'login_url') print(() => console.error(`Log in at this URL:\n${context.url}`));
    else if (code === 'hint' || code === 'browser_failed' || code === 'key_rejected')
      print(() => console.error(message));
    else waiting.text = message;
  };
  return { onEvent, print, stop: () => void waiting.stop() };
}
