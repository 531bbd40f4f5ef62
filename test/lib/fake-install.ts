/** The app as something installed, as the test says. */
import type { InstallState } from '#lib/app/state/install-state.svelte.ts';

type Shown = Pick<InstallState, 'offered' | 'online' | 'taking'>;

export function fakeInstall(
	shown: Partial<Shown>
): Shown & Pick<InstallState, 'take' | 'postpone' | 'roomEnded' | 'close'> {
	const ignore = (): void => undefined;
	return {
		...{ offered: false, online: true, taking: false, ...shown },
		...{ take: ignore, postpone: ignore, roomEnded: ignore, close: ignore }
	};
}
