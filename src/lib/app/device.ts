/** What this device can bear, as far as a browser tells. */

/** Children by device, before anything was measured: a phone's uplink and battery carry little. */
const FANOUT_PHONE = 2;
const FANOUT_DESKTOP = 4;
const FANOUT_STRONG = 6;
/** Logical processors from which a desktop counts as strong. */
const STRONG_CORES = 8;

/** The default fan-out for this device: 2 on a phone, 4 to 6 on a desktop. */
export function fanoutForDevice(): number {
	if (isPhone()) return FANOUT_PHONE;
	return navigator.hardwareConcurrency >= STRONG_CORES ? FANOUT_STRONG : FANOUT_DESKTOP;
}

function isPhone(): boolean {
	const { userAgentData } = navigator as { userAgentData?: { mobile: boolean } };
	return userAgentData?.mobile ?? /Android|iPhone|iPad|Mobile/.test(navigator.userAgent);
}

/** `?fanout=N` in the address, for tests of deep trees; null where it is absent or no number. */
export function fanoutInAddress(): number | null {
	const text = new URLSearchParams(location.search).get('fanout');
	return text !== null && /^\d{1,2}$/.test(text) ? Number(text) : null;
}
