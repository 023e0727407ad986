// A test with a server, a project and a browser window of its own.

import { after, before } from 'node:test';
import { launch, Window } from './browser.mjs';
import { Project, Server } from './world.mjs';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

/** Afterwards, whatever happened in the window: nobody else was asked, and no page complained. */
export const scene = (t, name, act, start = Server.betterAuth) =>
  t.test(name, async (t) => {
    const server = await start();
    t.after(() => server.stop());
    const project = new Project(server);
    t.after(() => project.remove());
    const window = await Window.open(browser, server);
    t.after(() => window.close());
    await act({ server, project, window });
    window.assertQuiet();
  });
