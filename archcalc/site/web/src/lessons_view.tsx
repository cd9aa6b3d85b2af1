// (A first form.)
export function LessonsView() {
  return <h1>Lessons</h1>;
}
