import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ago, contactOn, payer, post, provider, setUpMember } from '../../support/caseload.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
);

let server: TestServer;
let browser: Browser | undefined;
beforeAll(async () => {
  server = await startTestServer();
  const ehr = await server.caller('ehr', provider);
  await setUpMember(ehr, 'home');
  await post(ehr, contactOn('home', ago(3)));
  browser =
    executablePath === undefined ? undefined : await chromium.launch({ executablePath, args: ['--no-sandbox'] });
});
afterAll(async () => {
  await browser?.close();
  await server.stop();
});

describe('the home page', () => {
  test('shows a browser where everything is and the caseload today with its sentence, without errors', async (context) => {
    if (!browser) return context.skip('no chromium');
    const page = await browser.newPage({ viewport: { width: 390, height: 844 } });
    const errors: string[] = [];
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
    page.on('pageerror', (error) => errors.push(error.message));
    await page.goto(server.url);
    expect(await page.title()).toBe('Footbridge');
    expect(await page.getByRole('heading', { name: 'The caseload today' }).isVisible()).toBe(true);
    const row = page.getByRole('row', { name: /Robin Alder/ });
    expect(await row.innerText()).toMatch(/on\b[\s\S]*documented contact with the member within the past 21 days/);
    // The style came through the content security policy, and a phone does not scroll sideways.
    expect(await page.evaluate(`getComputedStyle(document.querySelector('.status')).borderRadius`)).not.toBe('0px');
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    for (const link of await page.getByRole('link').all())
      expect((await fetch((await link.getAttribute('href')) ?? '')).status).toBe(200);
    expect(errors).toEqual([]);
    await page.close();
  });

  test('shows nobody in production', async () => {
    const production = await startTestServer({
      PROFILE: 'production',
      PUBLIC_URL: 'https://footbridge.example',
      RATE_LIMITS: 'on',
    });
    try {
      const ehr = await production.caller('ehr', provider);
      await setUpMember(ehr, 'unseen');
      const page = await (await fetch(`${production.url}/`)).text();
      expect(page).toContain('Footbridge');
      expect(page).not.toMatch(/Alder|unseen|<table/);
    } finally {
      await production.stop();
    }
  });

  test('a name cannot break out of its place in the page', async () => {
    const ehr = await server.caller('ehr', provider);
    await setUpMember(ehr, 'escape');
    const member = (await ehr.send('GET', '/Patient/escape')).json;
    await ehr.send('PUT', '/Patient/escape', {
      ...member,
      name: [{ family: '<script>alert(1)</script>', given: ['"onload="x'] }],
    });
    await new Promise((resolve) => setTimeout(resolve, 2_100));
    const page = await (await fetch(server.url)).text();
    expect(page).toContain('&lt;script&gt;');
    expect(page).not.toContain('<script>');
  });

  test('knows the payer only by its right to ask: the page is the sandbox\u2019s own, /Group is not open', async () => {
    expect((await fetch(`${server.url}/fhir/R4/Group?managing-entity=Organization/${payer}`)).status).toBe(401);
  });
});
