// (A first form.)
export function OwnView() {
  return <h1>Own</h1>;
}
