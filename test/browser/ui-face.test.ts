/** Rings around those who speak. */
import { describe, expect, it } from 'vitest';
import { cdp } from 'vitest/browser';
import { fakePeer } from '../lib/fake-session.ts';
import { showRoom } from '../lib/screen.ts';

describe('a face on the stage', () => {
	it('rings those who speak, as loud as they are, and never the muted', async () => {
		const { room } = await showRoom('full');
		const face = (name: string): HTMLElement | null =>
			document.querySelector(`.face[data-peer="${fakePeer(name)}"]`);
		room.set({
			levels: new Map([
				[fakePeer('Chidi'), 0.75],
				[fakePeer('Béla'), 0.75]
			])
		});
		await expect.poll(() => face('Chidi')?.style.getPropertyValue('--level')).toBe('0.75');
		expect(face('Chidi')).toHaveClass('speaking');
		expect(face('Béla')).not.toHaveClass('speaking');
		room.set({ levels: new Map() });
		await expect.poll(() => face('Chidi')?.style.getPropertyValue('--level')).toBe('0');
		// Between two words the ring stays.
		expect(face('Chidi')).toHaveClass('speaking');
		await expect.poll(() => face('Chidi')?.className).not.toContain('speaking');
	});

	it('rings without moving for who wants nothing to move', async () => {
		const features = (value: string) => ({ features: [{ name: 'prefers-reduced-motion', value }] });
		await cdp().send('Emulation.setEmulatedMedia', features('reduce'));
		try {
			const { room } = await showRoom('full');
			const face = document.querySelector<HTMLElement>(`.face[data-peer="${fakePeer('Chidi')}"]`);
			room.set({ levels: new Map([[fakePeer('Chidi'), 0.75]]) });
			await expect.poll(() => face?.className).toContain('speaking');
			expect(face?.style.getPropertyValue('--level')).toBe('0');
		} finally {
			await cdp().send('Emulation.setEmulatedMedia', features(''));
		}
	});
});
