// A subtest with its own server, project and browser window.

import { after, before } from 'node:test';
import { launch, Window } from './browser.mjs';
import { Project, Server } from './fixtures.mjs';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

/** Runs `body({ server, project, window })`, then checks that the window sent no other request and logged no message. */
export const browserTest = (t, name, body, startServer = Server.betterAuth) =>
  t.test(name, async (t) => {
    const server = await startServer();
    t.after(() => server.stop());
    const project = new Project(server);
    t.after(() => project.remove());
    const window = await Window.open(browser, server);
    t.after(() => window.close());
    await body({ server, project, window });
    window.assertClean();
  });
