/** Reads a TLS certificate and its key, and finds out before anybody connects whether they can be used. */
import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { fileProblem, messageOf, type Outcome } from './failure.ts';

export interface Certificate {
	/** PEM, with the chain. */
	readonly cert: string;
	/** PEM. */
	readonly key: string;
}

export async function readCertificate(files: Certificate): Promise<Outcome<Certificate>> {
	const cert = await readText(files.cert, '--cert');
	if (!cert.ok) return cert;
	const key = await readText(files.key, '--key');
	if (!key.ok) return key;
	const certificate = attempt(() => new X509Certificate(cert.value));
	if (certificate === null) return no(`--cert ${files.cert} holds no certificate in PEM`);
	const privateKey = attempt<KeyObject>(() => createPrivateKey(key.value));
	if (privateKey === null)
		return no(`--key ${files.key} holds no private key in PEM without a password`);
	if (!certificate.checkPrivateKey(privateKey)) {
		return no(`--key ${files.key} does not belong to the certificate ${files.cert}`);
	}
	try {
		createSecureContext({ cert: cert.value, key: key.value });
	} catch (error) {
		return no(`The certificate ${files.cert} cannot be used: ${messageOf(error)}`);
	}
	return { ok: true, value: { cert: cert.value, key: key.value } };
}

async function readText(file: string, option: string): Promise<Outcome<string>> {
	try {
		return { ok: true, value: await readFile(file, 'utf8') };
	} catch (error) {
		return no(`${option} ${file} cannot be read: ${fileProblem(error)}`);
	}
}

function attempt<T>(make: () => T): T | null {
	try {
		return make();
	} catch {
		return null;
	}
}

function no(line: string): Outcome<never> {
	return { ok: false, line: `${line}.` };
}
