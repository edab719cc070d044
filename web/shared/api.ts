// JSON calls to the program that served this page.

export class ApiError extends Error {}

async function answerOf<T>(response: Response): Promise<T> {
  const answer: unknown = await response.json();
  if (response.ok) return answer as T;
  const error = (answer as { error?: unknown }).error;
  throw new ApiError(typeof error === 'string' ? error : String(response.status));
}

export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return answerOf<T>(await fetch(path, signal ? { signal } : {}));
}

export async function post<T>(path: string, body: unknown): Promise<T> {
  const response = await fetch(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  return answerOf<T>(response);
}
