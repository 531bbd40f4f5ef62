import { resolve } from '$app/paths';

/** Where an invitation leads: the room, and behind it what a locked one needs. */
export function letterHref({ access }: { readonly access: string }): string {
	const [key = '', ...rest] = access.split('#');
	const path = resolve('/r/[key]', { key });
	return rest.length === 0 ? path : `${path}#${rest.join('#')}`;
}
