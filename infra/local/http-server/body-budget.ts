import type { ServerResponse } from 'node:http';

/** The bytes of request and response bodies that a server holds at a time. */
const limitBytes = 256 * 1024 * 1024;
/** Smaller bodies are not counted: even a thousand of them are little. */
const countedFrom = 16 * 1024;

/** The server holds as many bytes of bodies as it may. */
export class OverloadedError extends Error {
  override readonly name = 'OverloadedError';
}

/** Counts the bytes of bodies, so that clients which send or read slowly cannot fill the memory. */
export class BodyBudget {
  private readonly limit: number;
  private readonly held = new Map<ServerResponse, number>();
  private total = 0;

  constructor(limit = limitBytes) {
    this.limit = limit;
  }

  /**
   * Counts a body until its response is sent or the connection is closed.
   * @returns false if there is no room; nothing is counted then
   */
  hold(response: ServerResponse, bytes: number): boolean {
    if (bytes < countedFrom) return true;
    if (this.total + bytes > this.limit) return false;
    if (!this.held.has(response)) response.on('close', () => this.release(response));
    this.held.set(response, (this.held.get(response) ?? 0) + bytes);
    this.total += bytes;
    return true;
  }

  private release(response: ServerResponse): void {
    this.total -= this.held.get(response) ?? 0;
    this.held.delete(response);
  }
}
