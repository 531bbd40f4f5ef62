/** The device as a browser describes it: kind, network, battery, visibility. Each part may be missing anywhere. */
import type { Device, DeviceConditions } from '#lib/io/ports.ts';

/** Network Information API, and `metered` where a platform knows it. Absent in Firefox and Safari. */
interface NetworkInformation extends EventTarget {
	readonly type?: string;
	readonly effectiveType?: string;
	readonly saveData?: boolean;
	readonly metered?: boolean;
}

/** Battery Status API. Absent in Firefox and Safari. */
interface BatteryManager extends EventTarget {
	readonly level: number;
	readonly charging: boolean;
}

export interface BrowserNavigator {
	readonly userAgent: string;
	readonly userAgentData?: { readonly mobile: boolean };
	readonly hardwareConcurrency: number;
	readonly maxTouchPoints: number;
	readonly connection?: NetworkInformation;
	readonly getBattery?: () => Promise<BatteryManager>;
}

const MOBILE = /Android|iPhone|iPad|Mobile/;

export function createBrowserDevice(
	browser: BrowserNavigator = navigator,
	page: Document = document
): Device {
	const listeners = new Set<() => void>();
	const changed = (): void => {
		for (const listener of [...listeners]) listener();
	};
	let battery: BatteryManager | null = null;
	browser.connection?.addEventListener('change', changed);
	page.addEventListener('visibilitychange', changed);
	// Refused by some policies, which is the same as no battery.
	browser.getBattery?.().then(
		(found) => {
			battery = found;
			for (const event of ['levelchange', 'chargingchange']) found.addEventListener(event, changed);
			changed();
		},
		() => undefined
	);
	return {
		get conditions() {
			return {
				handheld: isHandheld(browser),
				cores: browser.hardwareConcurrency,
				network: networkOf(browser.connection),
				battery: battery && { level: battery.level, charging: battery.charging },
				hidden: page.visibilityState === 'hidden'
			};
		},
		onChange(listener) {
			listeners.add(listener);
			return () => listeners.delete(listener);
		}
	};
}

function isHandheld({ userAgentData, userAgent, maxTouchPoints }: BrowserNavigator): boolean {
	// Safari on an iPad calls itself a Macintosh, of which none has a touch screen.
	const isTablet = userAgent.includes('Macintosh') && maxTouchPoints > 1;
	return userAgentData?.mobile === true || MOBILE.test(userAgent) || isTablet;
}

function networkOf(connection: NetworkInformation | undefined): DeviceConditions['network'] {
	return {
		type: connection?.type ?? null,
		speed: speedOf(connection?.effectiveType),
		saveData: connection?.saveData === true,
		metered: connection?.metered === true
	};
}

function speedOf(effectiveType: string | undefined): DeviceConditions['network']['speed'] {
	if (effectiveType === 'slow-2g') return '2g';
	return effectiveType === '2g' || effectiveType === '3g' || effectiveType === '4g'
		? effectiveType
		: null;
}
