/** What the app keeps for its next visit is fetched when whoever opened it had time to hear somebody. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { KEEP_AFTER_MS, keepApp } from '#lib/io/system/keep-app.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function containerThat(answers: () => Promise<unknown>) {
	const register = vi.fn(answers);
	return { register, container: { register } as unknown as ServiceWorkerContainer };
}

it('is kept once, and not while somebody waits for the first sound', async () => {
	const { register, container } = containerThat(() => Promise.resolve());
	keepApp(container, true);
	await vi.advanceTimersByTimeAsync(KEEP_AFTER_MS - 1);
	expect(register).not.toHaveBeenCalled();
	await vi.advanceTimersByTimeAsync(KEEP_AFTER_MS);
	expect(register.mock.calls).toEqual([['/service-worker.js']]);
});

it('goes on without where a browser refuses, and says so', async () => {
	const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
	const refusal = new Error('Private windows keep nothing.');
	keepApp(containerThat(() => Promise.reject(refusal)).container, true);
	await vi.advanceTimersByTimeAsync(KEEP_AFTER_MS);
	expect(warn).toHaveBeenCalledWith(refusal);
	warn.mockRestore();
});

it('is not kept from a server that builds it as it goes', async () => {
	const { register, container } = containerThat(() => Promise.resolve());
	keepApp(container, false);
	await vi.advanceTimersByTimeAsync(2 * KEEP_AFTER_MS);
	expect(register).not.toHaveBeenCalled();
});
