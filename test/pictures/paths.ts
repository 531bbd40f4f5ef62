/** Stands in for `$app/paths` where there is no SvelteKit. */
export function resolve(route: string, params: Record<string, string> = {}): string {
	return route.replace(/\[(\w+)\]/g, (_, name: string) => params[name] ?? '');
}
