# RUN: %{python} %s
"""The balls of the standard library (L-set-intersection, L-set-beside, L-set-union): projections beside slow
references in numpy, steepest directions by what they attain, starts by their distribution."""

import unittest

import numpy as np

import advxtest
import pages

COUNT = 48
SIZE = 784
RADIUS = 3.0
NORMS = (1, 1.2, 3)

DECLARATIONS = """\
solver far(k : real = 3, times : int = 1) {
  maximize J over B from x
  var v = k * x - 0.4
  repeat times { v := project(B, v) }
  return v
}
solver climb(k : real = 1) {
  maximize J over B from x
  var v = x + 0 * x
  return x + k * steepest(B, grad(J(v), v))
}
solver stay(start : start = uniform) {
  maximize J over B from x
  return start(B, x)
}
solver move(all : real = 0, one : real = 0) {
  maximize J over B from x
  return x + all + (if positions(x) == 400 then one else 0)
}
solver each_in_turn(steps : int = 3, rel : real = 0.6) {
  maximize J over B from x
  var v = x
  repeat steps {
    let g = grad(J(v), v)
    v := best S in members(B) of project(S, v + rel * radius(S) * steepest(S, g)) by J
  }
  return v
}
"""
THREATS = f"""\
  threat One(x)  = l1(x, radius = {RADIUS})
  threat Both(x) = One(x) & box(0, 1)
  threat Turned(x) = box(0, 1) & l1(x, radius = {RADIUS})
  threat P(x)    = lp(x, p = 3/2, radius = {RADIUS})
  threat Max(x)  = lp(x, p = infinity, radius = 1/4)
  threat Two(x)  = l2(x, radius = {RADIUS})
  threat Inf(x)  = linf(x, radius = 1/4)
  threat Mixed(x) = union(Inf(x), Two(x))
  threat Any(x)  = union(Inf(x), l2(x, radius = 1/2)) & box(-9, 9)
  threat B(x)"""
U = "sum(x' * (x - 0.3))"
LINES = "clean\n" + "\n".join(
    f"{kind}_{name.lower()} = argmax {U} over {name}(x) by {solver}"
    for kind, solver in (("far", "far()"), ("climb", "climb()"), ("start", "stay()"), ("edge", "stay(start = boundary)"))
    for name in ("One", "Both", "Turned", "P", "Max", "Two", "Inf")) + f"\nany = argmax {U} over Any(x) by move()" + "".join(
        f"\nturns_{name.lower()} = argmax {U} over {name}(x) by each_in_turn()" for name in ("Mixed", "Two"))


def norm(v, p):
    return np.abs(v).max(1) if p == np.inf else (np.abs(v) ** p).sum(1) ** (1 / p)


def bisect(count, low, high, is_low):
    """The places, one a row, at which `is_low` ends."""
    low, high = np.broadcast_to(low, (count, 1)).astype(float), np.broadcast_to(high, (count, 1)).astype(float)
    for _ in range(200):
        middle = (low + high) / 2
        goes_up = is_low(middle)
        low, high = np.where(goes_up, middle, low), np.where(goes_up, high, middle)
    return high


def project(d, p, radius):
    """The nearest point of the p-norm ball by the conditions of its optimum: z + c z^(p-1) = |d|."""
    if p == np.inf:
        return np.clip(d, -radius, radius)
    if p == 1:
        return project_within(d, np.full_like(d, np.inf), radius)
    a, outside = np.abs(d), norm(d, p) > radius

    def entries(c):
        low, high = np.zeros_like(a), a.copy()
        for _ in range(60):
            middle = (low + high) / 2
            over = middle + c * middle ** (p - 1) > a
            low, high = np.where(over, low, middle), np.where(over, middle, high)
        return high

    low, high = np.zeros((len(a), 1)), np.full((len(a), 1), 1e3)
    for _ in range(60):
        middle = (low + high) / 2
        over = norm(entries(middle), p)[:, None] > radius
        low, high = np.where(over, middle, low), np.where(over, high, middle)
    return np.where(outside[:, None], np.sign(d) * entries(high), d)


def project_within(d, room, radius):
    """The nearest point of the l1 ball of which no entry is larger than its room."""
    kept = lambda cut: np.minimum(np.maximum(np.abs(d) - cut, 0), room)
    cut = bisect(len(d), 0, np.abs(d).max(), lambda c: kept(c).sum(1)[:, None] > radius)
    inside = kept(0.0).sum(1)[:, None] <= radius
    return np.sign(d) * np.where(inside, kept(0.0), kept(cut))


def distance(a, b):
    """Between the distribution functions of two samples."""
    everything = np.sort(np.concatenate([a, b]))
    share = lambda v: np.searchsorted(np.sort(v), everything, side="right") / len(v)
    return np.abs(share(a) - share(b)).max()


class Balls(advxtest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.data = advxtest.write_data(cls.class_folder / "data", advxtest.fashion_mnist("train", 64),
                                       advxtest.fashion_mnist("t10k", COUNT))
        text = pages.page(network="tiny()", head="linear(z)", evaluate=LINES, declarations=pages.TINY + DECLARATIONS,
                          inner=None, loss="ce(f(x), y)").replace("  threat B(x)", THREATS)
        cls.executables = {precision: advxtest.build_page(text, "--precision", precision) for precision in ("f64", "f32")}
        cls.checkpoints = {}
        for precision, executable in cls.executables.items():
            executable.train(cls.class_folder / precision, cls.data, epochs=1)
            cls.checkpoints[precision] = advxtest.last_checkpoint(cls.class_folder / precision)

    def attack(self, name, precision="f64", **settings):
        found = self.executables[precision].attack(
            self.checkpoints[precision], self.data, "test", name,
            settings={key.replace("__", "."): value for key, value in settings.items()})
        x, adversarial = (found[key].reshape(COUNT, SIZE).astype(np.float64) for key in ("x", "adversarial"))
        return x, adversarial, found

    def projected(self, name, **settings):
        x, ours, found = self.attack("far_" + name, **settings)
        self.assertTrue(found["inside"].all(), name)
        again = self.attack("far_" + name, **settings, **{f"test__far_{name}__times": 2})[1]
        self.assertLess(np.abs(again - ours).max(), 1e-9, f"{name} is idempotent")
        return x, 2 * x - 0.4, ours

    def test_projections_on_the_l1_ball(self):
        x, d, ours = self.projected("one")
        self.assertLess(np.abs(ours - x - project(d, 1, RADIUS)).max(), 1e-12)
        self.assertGreater(np.abs(d).sum(1).min(), 10 * RADIUS)
        x, d, ours = self.projected("one", One__radius=1e4)
        self.assertLess(np.abs(ours - x - d).max(), 1e-14)

    def test_l1_and_a_box_is_exact_in_either_order(self):
        # Of the first image all room is taken, with little of the radius to spare.
        x, d, _ = self.projected("both")
        just_enough = np.where(d >= 0, 1 - x, x).sum(1)[0] + 0.1
        for name in ("both", "turned"):
            for radius in (0, 0.1, RADIUS, 60, just_enough, 1e4):
                threat = {"both": "One", "turned": "Turned"}[name]
                x, d, ours = self.projected(name, **{f"{threat}__radius": radius})
                theirs = x + project_within(d, np.where(d >= 0, 1 - x, x), radius)
                self.assertLess(np.abs(ours - theirs).max(), 1e-12, f"{name} {radius}")
        # One after the other leaves most of the radius unused.
        one_by_one = np.clip(x + project(d, 1, RADIUS), 0, 1)
        exact = x + project_within(d, np.where(d >= 0, 1 - x, x), RADIUS)
        self.assertGreater(np.abs(one_by_one - exact).max(), 0.01)

    def test_f32_stays_inside(self):
        for name in ("one", "both", "p", "max"):
            _, ours, found = self.attack("far_" + name, "f32")
            self.assertTrue(found["inside"].all(), name)
            self.assertLess(np.abs(ours - self.attack("far_" + name)[1]).max(), 1e-4, name)

    def test_projections_on_p_norm_balls(self):
        for p in NORMS:
            x, d, ours = self.projected("p", P__p=p)
            self.assertLess(np.abs(ours - x - project(d, p, RADIUS)).max(), 1e-9, f"p = {p}")
            self.assertTrue((norm(ours - x, p) <= RADIUS * (1 + 1e-9)).all(), f"p = {p}")
        x, d, ours = self.projected("max")
        self.assertSameArray(ours, x + np.clip(d, -0.25, 0.25))

    def test_a_ball_of_radius_0_is_its_centre(self):
        cases = [("p", "P", {"P__p": p}) for p in (*NORMS, 2)] + [
            (name.lower(), name, {}) for name in ("One", "Max", "Two", "Inf")]
        for name, threat, settings in cases:
            x, d, ours = self.projected(name, **{f"{threat}__radius": 0}, **settings)
            self.assertSameArray(ours, x, f"{name} {settings}")
            self.assertGreater(np.abs(d).max(), 1)

    def test_steepest_directions_attain_the_dual_norm(self):
        cases = [("p", p, {"P__p": p}) for p in NORMS] + [("one", 1, {}), ("both", 1, {}), ("max", np.inf, {}),
                                                        ("two", 2, {}), ("inf", np.inf, {})]
        for name, p, settings in cases:
            x, ours, _ = self.attack("climb_" + name, **settings)
            u, step = x - 0.3, ours - x
            self.assertLess(norm(step, p).max(), 1 + 1e-9, f"{name}, p = {p}")
            q = np.inf if p == 1 else 1 if p == np.inf else p / (p - 1)
            attained = (u * step).sum(1)
            self.assertLess(np.abs(attained / norm(u, q) - 1).max(), 1e-9, f"{name}, p = {p}")
            if p == 1:
                first = np.abs(u).argmax(1)
                self.assertTrue(((np.abs(step) > 1e-12).sum(1) == 1).all())
                self.assertTrue((np.abs(step[np.arange(COUNT), first]) > 0.99).all())

    def samples(self, name, p, **settings):
        """What the start has of the radius, and its entries over its norm, of which the reference is
        made of numpy's gamma distribution."""
        x, ours, _ = self.attack(name, **settings)
        s = ours - x
        size = norm(s, p)
        random = np.random.default_rng(0)
        y = random.uniform(-1, 1, s.shape) if p == np.inf else (
            random.gamma(1 / p, 1, s.shape) ** (1 / p) * random.choice([-1, 1], s.shape))
        return size, (s / size[:, None]).ravel(), (y / norm(y, p)[:, None]).ravel()

    def test_starts_are_uniform_in_their_balls(self):
        cases = [("p", p, RADIUS, {"P__p": p}) for p in NORMS] + [
            ("one", 1, RADIUS, {}), ("two", 2, RADIUS, {}), ("max", np.inf, 0.25, {}), ("inf", np.inf, 0.25, {})]
        uniform = (np.arange(COUNT) + 0.5) / COUNT
        for name, p, radius, settings in cases:
            size, entries, theirs = self.samples("start_" + name, p, **settings)
            self.assertLess(size.max(), radius * (1 + 1e-12))
            # The volume inside grows with the power SIZE of the radius.
            self.assertLess(distance((size / radius) ** SIZE, uniform), 1.95 / COUNT**0.5, f"{name}, p = {p}")
            self.assertLess(distance(entries, theirs), 0.02, f"{name}, p = {p}")
            size, entries, theirs = self.samples("edge_" + name, p, **settings)
            self.assertLess(np.abs(size / radius - 1).max(), 1e-9, f"{name}, p = {p}")
            self.assertLess(distance(entries, theirs), 0.02, f"{name}, p = {p}")

    def test_starts_beside_a_box_are_clipped(self):
        for kind in ("start", "edge"):
            x, ours, found = self.attack(kind + "_both")
            self.assertTrue(found["inside"].all())
            plain = self.attack(kind + "_one")[1]
            self.assertTrue((ours >= 0).all() and (ours <= 1).all() and (plain < 0).any())

    def test_a_union_holds_what_a_member_holds(self):
        for step, expected in (({"all": 0.2}, True), ({"one": 0.45}, True), ({"all": 0.3}, False), ({"one": 0.6}, False),
                               ({"all": 0.2, "one": 0.1}, False)):
            found = self.attack("any", **{f"test__any__{key}": value for key, value in step.items()})[2]
            self.assertEqual(found["inside"].all(), expected, step)
            self.assertEqual(found["inside"].any(), expected, step)

    def test_members_of_a_union_are_searched_in_turn(self):
        nearest = {np.inf: lambda d, radius: np.clip(d, -radius, radius),
                   2: lambda d, radius: d * np.minimum(1, radius / norm(d, 2))[:, None]}

        def turns(x, radii):
            u, v = x - 0.3, x
            for _ in range(3):
                steps = {np.inf: np.sign(u), 2: u / norm(u, 2)[:, None]}
                points = [x + nearest[p](v + 0.6 * radius * steps[p] - x, radius) for p, radius in radii.items()]
                values = np.array([(u * point).sum(1) for point in points])
                v = np.array(points)[values.argmax(0), np.arange(COUNT)]
            return v, values.argmax(0)

        x, ours, found = self.attack("turns_mixed", Inf__radius=0.115)
        theirs, taken = turns(x, {np.inf: 0.115, 2: RADIUS})
        self.assertLess(np.abs(ours - theirs).max(), 1e-9)
        self.assertTrue(found["inside"].all())
        self.assertEqual(set(taken), {0, 1}, "neither member wins everywhere")
        # Any other set is its own only member.
        x, ours, _ = self.attack("turns_two")
        self.assertLess(np.abs(ours - turns(x, {2: RADIUS})[0]).max(), 1e-9)

    def test_a_threat_in_another_set_keeps_its_settings(self):
        x, d, ours = self.projected("both", One__radius=1)
        self.assertLess(np.abs(ours - x).sum(1).max(), 1 + 1e-9)


if __name__ == "__main__":
    advxtest.main()
