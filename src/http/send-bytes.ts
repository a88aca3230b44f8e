import type { Response } from 'express';

/** How long a sender whose body nobody wants may go on, so that it reads our answer instead of a broken connection. */
const lingerMs = 1_000;

/**
 * Sends the whole body of an answer. Where the request is not at its end, Node would close the connection under the sender's feet, or
 * read on until the request's time is over; instead what still comes is thrown away for a moment, and then the connection ends.
 */
export function sendBytes(response: Response, bytes: Buffer): void {
  const { req: request } = response;
  response.setHeader('Content-Length', bytes.length);
  if (request.complete) {
    response.end(bytes);
    return;
  }
  response.write(bytes);
  const timer = setTimeout(() => {
    response.end();
    request.socket.destroy();
  }, lingerMs);
  request.once('end', () => response.end());
  request.once('close', () => clearTimeout(timer));
  request.resume();
}
