# RUN: %{python} %s
"""Sets whose projection is a program (L-set-program), beside closed forms and other algorithms in numpy."""

import unittest

import numpy as np

import advxtest
import pages

COUNT = 24
RADIUS = 5.0

SETS = """\
/// The ball of the sum of absolute values: its threshold by bisection.
set ell1(x : point, radius : real, halvings : int = 60) {
  project(v) {
    let d = abs(v - x)
    var low = 0
    var high = max(d)
    repeat halvings {
      stop when sum(d) <= radius
      let middle = (low + high) / 2
      if sum(relu(d - middle)) > radius { low := middle } else { high := middle }
    }
    let cut = if sum(d) > radius then high else 0
    return x + sign(v - x) * relu(d - cut)
  }
  steepest(u) = if abs(u) == max(abs(u)) then sign(u) else 0
  radius = radius
  start(r) {
    var found = x
    repeat 3 as k {
      draw n ~ normal(0, 1) like x
      if k > 0 { found := found + r / 4 * n / sum(abs(n)) }
    }
    return found
  }
}
/// The nearest point that lies in the Euclidean ball and in the box: Dykstra's algorithm.
set ball_in_box(x : point, radius : real, rounds : int = 2000) {
  project(v) {
    var w = v
    var p = 0 * v
    var q = 0 * v
    repeat rounds {
      let a = w + p
      let y = x + (a - x) * (radius / max(norm(a - x), radius))
      p := a - y
      w := clip(y + q, 0, 1)
      q := y + q - w
    }
    return w
  }
  steepest(u) = direction(u)
  radius = radius
}
solver far(k : real = 3) {
  maximize J over B from x
  return project(B, k * x - 0.4)
}
"""


def project_ell1(v, radius):
    """Duchi et al. 2008: by sorting, row by row."""
    result = v.copy()
    for row in result:
        if np.abs(row).sum() <= radius:
            continue
        u = np.sort(np.abs(row))[::-1]
        excess = (np.cumsum(u) - radius) / np.arange(1, len(u) + 1)
        cut = excess[np.nonzero(u > excess)[0][-1]]
        row[:] = np.sign(row) * np.maximum(np.abs(row) - cut, 0)
    return result


def project_ball_in_box(v, x, radius):
    """The multiplier m of the ball: clip((v + m x) / (1 + m), 0, 1) has distance `radius` from x."""
    result = np.clip(v, 0, 1)
    for i, (row, center) in enumerate(zip(v, x)):
        def at(m):
            return np.clip((row + m * center) / (1 + m), 0, 1)
        if np.linalg.norm(at(0) - center) <= radius:
            continue
        low, high = 0.0, 1e6
        for _ in range(200):
            middle = (low + high) / 2
            low, high = (middle, high) if np.linalg.norm(at(middle) - center) > radius else (low, middle)
        result[i] = at(high)
    return result


class SetPrograms(advxtest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.data = advxtest.write_data(cls.class_folder / "data",
                                       advxtest.fashion_mnist("train", 64),
                                       advxtest.fashion_mnist("t10k", COUNT))
        evaluate = ("clean\n"
                    "sum = argmax ce(f(x'), y) over C(x) by far()\n"
                    "both = argmax ce(f(x'), y) over D(x) by far()\n"
                    "climb = argmax ce(f(x'), y) over C(x) by pgd(steps = 5, step = 1)")
        text = pages.page(head="linear(z)", evaluate=evaluate)
        text = SETS + text.replace(
            "  threat B(x)", f"  threat C(x) = ell1(x, radius = {RADIUS}) & box(0, 1)\n"
            "  threat D(x) = ball_in_box(x, radius = 4) & box(0, 1)\n  threat B(x)")
        cls.executable = advxtest.build_page(text, "--precision", "f64")
        run = cls.class_folder / "run"
        cls.executable.train(run, cls.data, epochs=1)
        cls.checkpoint = advxtest.last_checkpoint(run)

    def attack(self, name, **settings):
        found = self.executable.attack(self.checkpoint, self.data, "test", name,
                                       settings={key.replace("_", "."): value
                                                 for key, value in settings.items()})
        rows = {key: found[key].reshape(COUNT, -1) for key in ("x", "adversarial")}
        return rows["x"], rows["adversarial"], found

    def test_bisection_finds_the_projection_on_the_sum_ball(self):
        x, ours, found = self.attack("sum")
        v = 3 * x - 0.4
        theirs = np.clip(x + project_ell1(v - x, RADIUS), 0, 1)
        self.assertLess(np.abs(ours - theirs).max(), 1e-12)
        self.assertGreater(np.abs(theirs - np.clip(v, 0, 1)).max(), 0.5)  # it does project
        self.assertTrue(found["inside"].all())

    def test_the_number_of_steps_is_a_setting_of_its_set(self):
        x, ours, _ = self.attack("sum", C_halvings=3)
        d = np.abs(2 * x - 0.4)
        low, high = np.zeros(COUNT), d.max(1)
        for _ in range(3):
            middle = (low + high) / 2
            over = np.maximum(d - middle[:, None], 0).sum(1) > RADIUS
            low, high = np.where(over, middle, low), np.where(over, high, middle)
        theirs = np.clip(x + np.sign(2 * x - 0.4) * np.maximum(d - high[:, None], 0), 0, 1)
        self.assertLess(np.abs(ours - theirs).max(), 1e-12)

    def test_an_example_that_stops_keeps_its_point(self):
        x, ours, _ = self.attack("sum", C_radius=1e4)
        self.assertSameArray(ours, np.clip(x + np.sign(2 * x - 0.4) * np.abs(2 * x - 0.4), 0, 1))

    def test_dykstra_finds_the_nearest_point_of_both(self):
        x, ours, found = self.attack("both")
        theirs = project_ball_in_box(3 * x - 0.4, x, 4.0)
        self.assertLess(np.abs(ours - theirs).max(), 1e-6)
        in_turn = x + (3 * x - 0.4 - x) * np.minimum(
            4.0 / np.linalg.norm(2 * x - 0.4, axis=1, keepdims=True), 1)
        self.assertGreater(np.abs(np.clip(in_turn, 0, 1) - theirs).max(), 1e-3)
        self.assertTrue(found["inside"].all())

    def test_a_start_draws_anew_in_each_turn(self):
        x, ours, found = self.attack("climb", test_climb_steps=0)
        sums = np.abs(ours - x).sum(1)
        self.assertTrue((sums > 0).all() and (sums <= RADIUS / 2 + 1e-9).all())
        self.assertGreater(len(np.unique(np.round(sums, 9))), COUNT // 2)
        again = self.attack("climb", test_climb_steps=0)[1]
        self.assertSameArray(ours, again)

    def test_an_attack_climbs_in_the_set(self):
        x, start, before = self.attack("climb", test_climb_steps=0)
        _, ours, after = self.attack("climb")
        self.assertGreater(after["objective"].mean(), before["objective"].mean())
        self.assertTrue((np.abs(ours - x).sum(1) <= RADIUS * (1 + 1e-9)).all())
        self.assertTrue(after["inside"].all())


if __name__ == "__main__":
    advxtest.main()
