/** The device as browsers describe it, each leaving out something else. */
import { describe, expect, it, vi } from 'vitest';
import { createBrowserDevice, type BrowserNavigator } from '#lib/io/device/browser-device.ts';

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0';
const IPAD = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Safari/605.1.15';
const ANDROID = 'Mozilla/5.0 (Linux; Android 16; K) AppleWebKit/537.36 Chrome/142 Mobile Safari';

const bare: BrowserNavigator = { userAgent: FIREFOX, hardwareConcurrency: 8, maxTouchPoints: 0 };

function setup(browser: Partial<BrowserNavigator> = {}) {
	const page = Object.assign(new EventTarget(), { visibilityState: 'visible' });
	const device = createBrowserDevice({ ...bare, ...browser }, page as unknown as Document);
	const changed = vi.fn();
	return { device, page, changed, stop: device.onChange(changed) };
}

const networked = (facts: object): EventTarget => Object.assign(new EventTarget(), facts);

describe('the device of a browser', () => {
	it('is a plain desktop where the browser tells nothing', () => {
		expect(setup().device.conditions).toEqual({
			handheld: false,
			cores: 8,
			network: { type: null, speed: null, saveData: false, metered: false },
			battery: null,
			hidden: false
		});
	});

	it.each([
		['by its name', { userAgent: ANDROID }],
		['by its own word', { userAgentData: { mobile: true } }],
		['by touch, where it claims to be a Macintosh', { userAgent: IPAD, maxTouchPoints: 5 }]
	])('is handheld %s', (_how, browser) => {
		expect(setup(browser).device.conditions.handheld).toBe(true);
		expect(setup({ userAgent: IPAD }).device.conditions.handheld).toBe(false);
	});

	it('tells the network and every change of it', () => {
		const connection = networked({ type: 'wifi', effectiveType: 'slow-2g', saveData: true });
		const { device, changed } = setup({ connection });
		expect(device.conditions.network).toEqual({
			type: 'wifi',
			speed: '2g',
			saveData: true,
			metered: false
		});
		Object.assign(connection, { type: 'cellular', effectiveType: '4g', metered: true });
		connection.dispatchEvent(new Event('change'));
		expect(changed).toHaveBeenCalledOnce();
		expect(device.conditions.network).toMatchObject({ type: 'cellular', speed: '4g' });
		expect(device.conditions.network.metered).toBe(true);
	});

	it('tells the battery once it is known, and every change of it', async () => {
		const battery = Object.assign(new EventTarget(), { level: 0.5, charging: false });
		const { device, changed } = setup({ getBattery: () => Promise.resolve(battery) });
		expect(device.conditions.battery).toBeNull();
		await vi.waitFor(() => {
			expect(changed).toHaveBeenCalledOnce();
		});
		expect(device.conditions.battery).toEqual({ level: 0.5, charging: false });
		battery.level = 0.1;
		battery.dispatchEvent(new Event('levelchange'));
		expect(changed).toHaveBeenCalledTimes(2);
		expect(device.conditions.battery?.level).toBe(0.1);
	});

	it('has no battery where asking for it is refused', async () => {
		const refused = Promise.reject(new Error('not allowed'));
		const { device } = setup({ getBattery: () => refused });
		await refused.catch(() => undefined);
		expect(device.conditions.battery).toBeNull();
	});

	it('tells when the page is hidden, until nobody listens any more', () => {
		const { device, page, changed, stop } = setup();
		page.visibilityState = 'hidden';
		page.dispatchEvent(new Event('visibilitychange'));
		expect(device.conditions.hidden).toBe(true);
		stop();
		page.dispatchEvent(new Event('visibilitychange'));
		expect(changed).toHaveBeenCalledOnce();
	});
});
