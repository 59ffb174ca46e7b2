# RUN: %{python} %s
"""The attacks of AutoAttack as texts: APGD and FAB beside PyTorch in f64 from the same starts, the crossings of FAB
beside slow references, the squares of Square by what they are, and the cascade (L-solver-sets, L-evaluate-survivors)."""

import importlib.util
import json
import unittest

import numpy as np
import torch

import advxtest
import oracle
import pages

COUNT = 16
SIZE = 784
RADIUS = {"linf": 0.1, "l2": 1.5, "l1": 8.0}
AMOUNTS = (0.3, -2.0, 30.0, 1e5)

DECLARATIONS = """\
fn slopes(v : point) : point = (37 * positions(v) mod 101) / 50 - 1
solver crossing(cross : fn, c : real = 1) {
  maximize J over B from x
  return x + cross(x, slopes(x), c, 0, 1)
}
"""
NORMS = ("linf", "l2", "l1")
LINES = "clean\n" + "\n".join(
    [f"apgd_{loss}_{norm} = argmax {text} over {norm.title()}(x) by apgd(steps = 0)"
     for norm in NORMS for loss, text in (("ce", "ce(f(x'), y)"), ("dlr", "dlr(f(x'), y)"),
                                          ("t", "dlr_targeted(f(x'), y, ranked(f(x), 3))"))]
    + [f"fab_{norm} = argmax f(x')[ranked(f(x), 2)] - f(x')[y] over {norm.title()}(x) by fab(steps = 0)"
       for norm in NORMS]
    + [f"cross_{norm} = argmax ce(f(x'), y) over B(x) by crossing(cross = cross_{norm})" for norm in NORMS]
    + ["square = argmax sum(x') over B(x) by square(queries = 0) until f(x')[0] > 1000",
       "aa = autoattack()"])


# --- Independent programs ---------------------------------------------------------------------------------

def dlr(logits, y):
    ordered = logits.sort(1, descending=True).values
    return oracle.cw(logits, y) / (ordered[:, 0] - ordered[:, 2] + 1e-12)


def dlr_targeted(logits, y, t):
    ordered = logits.sort(1, descending=True).values
    rows = torch.arange(len(y))
    return (logits[rows, t] - logits[rows, y]) / (
        ordered[:, 0] - (ordered[:, 2] + ordered[:, 3]) / 2 + 1e-12)


def column(v):
    return v.view(-1, 1, 1, 1)


def shorten(v, x, radius):
    """The nearest point of the l1 ball within [0, 1], by bisection on what every entry gives up."""
    d = v - x
    room = torch.where(d >= 0, 1 - x, x)
    low, high = torch.zeros(len(x)).to(x), d.abs().amax((1, 2, 3))
    fits = torch.minimum(d.abs(), room).sum((1, 2, 3)) <= radius
    for _ in range(100):
        middle = (low + high) / 2
        much = torch.minimum((d.abs() - column(middle)).clamp(min=0), room).sum((1, 2, 3)) > radius
        low, high = torch.where(much, middle, low), torch.where(much, high, middle)
    cut = torch.where(fits, torch.zeros_like(high), high)
    return x + d.sign() * torch.minimum((d.abs() - column(cut)).clamp(min=0), room)


def apgd(model, loss, x, y, start, norm, steps, ends=True):
    """APGD of Croce and Hein (2020, 2021), image by image held where it is first misclassified if it `ends` there."""
    def project(v):
        if norm == "l1":
            return shorten(v, x, RADIUS[norm])
        return oracle.project(v, x, RADIUS[norm], norm)

    def look(v):
        v = v.detach().requires_grad_()
        logits = model(v)
        values = loss(logits, y)
        return values.detach(), torch.autograd.grad(values.sum(), v)[0], (logits.argmax(1) != y) & ends

    point = start.clone()
    value, g, found = look(point)
    best, best_value, best_g, old = point, value, g, point
    step = torch.full_like(value, {"linf": 2, "l2": 2, "l1": 1}[norm] * RADIUS[norm])
    history, at_check, reduced = [value], value, torch.ones_like(found)
    share, moved = torch.full_like(value, 0.2), torch.full_like(value, float(SIZE))
    window = max(int(0.04 * steps), 1) if norm == "l1" else max(int(0.22 * steps), 1)
    since = 0
    for k in range(steps):
        live = ~found
        if norm == "l1":
            sizes = g.abs().flatten(1).sort(1).values
            place = ((1 - share) * SIZE).floor().clamp(0, SIZE - 1).long()
            least = sizes.gather(1, place[:, None])
            u = g.sign() * (g.abs() >= column(least))
            moved_to = project(point + column(step) * u / (column(u.abs().sum((1, 2, 3))) + 1e-10))
        else:
            momentum = 1 if k == 0 else 0.75
            ahead = project(point + column(step) * oracle.steepest(g, norm))
            moved_to = project(point + momentum * (ahead - point) + (1 - momentum) * (point - old))
        old = torch.where(column(live), point, old)
        point = torch.where(column(live), moved_to, point)
        value, g, hit = look(point)
        history.append(value)
        found = found | (live & hit)
        better = live & (value > best_value)
        best = torch.where(column(better), point, best)
        best_g = torch.where(column(better), g, best_g)
        best_value = torch.where(better, value, best_value)
        since += 1
        if since < window:
            continue
        live = live & ~found
        if norm == "l1":
            now = (best != x).flatten(1).sum(1).to(value)
            back = now / moved < 0.95
            step = torch.where(back, torch.full_like(step, RADIUS[norm]),
                               (step / 1.5).clamp(min=RADIUS[norm] / 10))
            share, moved = now / SIZE / 1.5, now
        else:
            uphill = sum((history[-i] > history[-i - 1]).to(value) for i in range(1, window + 1))
            back = (uphill <= 0.75 * window) | (~reduced & (at_check >= best_value))
            reduced, at_check = back, best_value
            step = torch.where(back, step / 2, step)
            window = max(window - max(int(0.03 * steps), 1), max(int(0.06 * steps), 1))
        point = torch.where(column(live & back), best, point)
        g = torch.where(column(live & back), best_g, g)
        since = 0
    return torch.where(column(found), point, best)


def crossing(norm, v, g, c):
    """The shortest d with <g, d> = c and 0 <= v + d <= 1 by bisection, or by filling one entry after another."""
    v, g = v.flatten(), g.flatten()
    u = np.sign(c) * g
    room = np.where(u > 0, 1 - v, np.where(u < 0, v, 0.0))
    if np.abs(u) @ room <= abs(c):
        return np.sign(u) * room
    if norm == "l1":
        tau, left = np.zeros_like(v), abs(c)
        for i in np.argsort(-np.abs(u), kind="stable"):
            tau[i] = min(room[i], left / abs(u[i]))
            left -= tau[i] * abs(u[i])
            if left <= 0:
                break
        return np.sign(u) * tau
    rise = np.abs(u) if norm == "l2" else np.ones_like(u)
    low, high = 0.0, 1e6
    for _ in range(120):
        middle = (low + high) / 2
        if np.abs(u) @ np.minimum(room, middle * rise) < abs(c):
            low = middle
        else:
            high = middle
    return np.sign(u) * np.minimum(room, high * rise)


LENGTHS = {"linf": np.inf, "l2": 2, "l1": 1}


def fab(model, x, y, target, norm, steps):
    """FAB-T of Croce and Hein (2020) for one image, until it is in the set."""
    def length(v):
        return np.linalg.norm(v.ravel(), LENGTHS[norm])

    point, nearest, far = x, x, np.inf
    for _ in range(steps):
        if far <= RADIUS[norm]:
            break
        leaf = torch.from_numpy(point)[None].requires_grad_()
        logits = model(leaf)[0]
        j = logits[target] - logits[y]
        g = torch.autograd.grad(j, leaf)[0][0].numpy()
        j = j.item()
        d = crossing(norm, point, g, -j).reshape(x.shape)
        d0 = crossing(norm, x, g, -j - (g * (x - point)).sum()).reshape(x.shape)
        a, a0 = max(length(d), 1e-8), max(length(d0), 1e-8)
        share = min(a / (a + a0), 0.1)
        after = np.clip((1 - share) * (point + 1.05 * d) + share * (x + 1.05 * d0), 0, 1)
        over = model(torch.from_numpy(after)[None])[0].argmax().item() != y
        if over and length(after - x) < far:
            nearest, far = after, length(after - x)
        point = x + 0.9 * (after - x) if over else after
    return nearest, far


class AutoAttack(advxtest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.data = advxtest.write_data(cls.class_folder / "data", advxtest.fashion_mnist("train", 512),
                                       advxtest.fashion_mnist("t10k", COUNT))
        text = pages.page(inner=None, loss="ce(f(x), y)", evaluate=LINES, declarations=DECLARATIONS).replace("on test {", "on test over B(x) {")
        threats = "".join(f"  threat {norm.title()}(x) = {norm}(x, radius = {radius}) & box(0, 1)\n"
                          for norm, radius in RADIUS.items())
        cls.executable = advxtest.build_page(text.replace("  threat B(x)", threats + "  threat B(x)"),
                                             "--precision", "f64")
        cls.executable.train(cls.class_folder / "run", cls.data, epochs=6)
        cls.checkpoint = advxtest.last_checkpoint(cls.class_folder / "run")
        p = oracle.tensors(advxtest.weights(cls.checkpoint))
        cls.model = staticmethod(lambda v: oracle.linear(p, oracle.mnist_cnn(p, v)))

    def attack(self, name, **settings):
        return self.executable.attack(self.checkpoint, self.data, "test", name, settings={
            f"test.{name}.{key}": value for key, value in settings.items()})

    def follow_apgd(self, loss_name, norm, steps):
        name = f"apgd_{loss_name}_{norm}"
        found = self.attack(name)
        x, y, start = (torch.from_numpy(found[key]) for key in ("x", "y", "adversarial"))
        with torch.no_grad():
            third = self.model(x).sort(1, descending=True).indices[:, 2]
        loss = {"ce": oracle.ce, "dlr": dlr,
                "t": lambda logits, y: dlr_targeted(logits, y, third)}[loss_name]
        theirs = apgd(self.model, loss, x, y, start, norm, steps)
        ours = torch.from_numpy(self.attack(name, steps=steps)["adversarial"])
        self.assertLess((ours - theirs).abs().max().item(), 1e-9, f"{name}, {steps} steps")
        self.assertGreater((ours - start).abs().max().item(), 0.01)

    def test_apgd_linf(self):
        for loss, steps in (("ce", 1), ("ce", 40), ("dlr", 10), ("t", 10)):
            self.follow_apgd(loss, "linf", steps)

    def test_apgd_l2(self):
        for loss, steps in (("ce", 40), ("t", 10)):
            self.follow_apgd(loss, "l2", steps)

    def test_apgd_l1(self):
        for loss, steps in (("ce", 40), ("dlr", 10)):
            self.follow_apgd(loss, "l1", steps)

    def test_training_asks_for_no_end(self):
        # Without `until` an inner problem has nothing to stop at: APGD takes all its steps.
        text = pages.page(inner="argmax ce(f(x'), y) over B(x) by apgd(steps = 10, start = center)", batch=COUNT,
                          optimizer="sgd(lr = 0.1)")
        executable = advxtest.build_page(text, "--precision", "f64")
        initial = self.folder / "initial.safetensors"
        arrays = executable.init(initial)
        executable.train(self.folder / "run", self.data, epochs=2, extra=["--init", initial, "--limit", COUNT])
        images, labels = advxtest.fashion_mnist("train", COUNT)
        x, y = oracle.images(images, torch.float64), oracle.labels(labels)
        p = oracle.trainable(arrays)
        for _ in range(2):
            fixed = {name: tensor.detach() for name, tensor in p.items()}
            moved = apgd(lambda v: oracle.linear(fixed, oracle.mnist_cnn(fixed, v)), oracle.ce, x, y, x, "linf", 10,
                         ends=False)
            loss = oracle.ce(oracle.linear(p, oracle.mnist_cnn(p, moved)), y).mean()
            names = [name for name, tensor in p.items() if tensor.requires_grad]
            for name, g in zip(names, torch.autograd.grad(loss, [p[name] for name in names])):
                p[name] = (p[name] - 0.1 * g).detach().requires_grad_()
        ours = advxtest.weights(advxtest.last_checkpoint(self.folder / "run"))
        for name, tensor in p.items():
            self.assertClose(ours[name], tensor.detach(), 1e-8, name)

    def test_the_shortest_way_to_a_plane(self):
        slopes = (37 * np.arange(SIZE) % 101) / 50 - 1
        for norm in NORMS:
            for c in AMOUNTS:
                found = self.attack(f"cross_{norm}", c=c)
                for x, ours in zip(found["x"][:6], found["adversarial"]):
                    d = (ours - x).ravel()
                    theirs = crossing(norm, x, slopes, c)
                    self.assertLess(abs(slopes @ d - slopes @ theirs), 1e-9 * abs(c), f"{norm}, {c}")
                    self.assertTrue(((ours >= -1e-15) & (ours <= 1 + 1e-15)).all())
                    self.assertLess(np.linalg.norm(d, LENGTHS[norm]),
                                    np.linalg.norm(theirs, LENGTHS[norm]) * (1 + 1e-9) + 1e-12)
                    if norm != "l1":  # where equal slopes share what one of them may do alone
                        self.assertLess(np.abs(d - theirs).max(), 1e-9)

    def test_fab(self):
        for norm in NORMS:
            found = self.attack(f"fab_{norm}", steps=12)
            broken = 0
            for x, ours, y in zip(found["x"], found["adversarial"], found["y"]):
                logits = self.model(torch.from_numpy(x)[None])[0]
                target = logits.argsort(descending=True)[1].item()
                nearest, far = fab(self.model, x, y, target, norm, 12)
                if far <= RADIUS[norm]:
                    broken += 1
                    # Of equal slopes at the end, one or all may move: the points differ, the ends do not.
                    self.assertLess(np.abs(ours - nearest).max(), 1e-6, norm)
                self.assertLess(np.linalg.norm((ours - x).ravel(), LENGTHS[norm]),
                                RADIUS[norm] * (1 + 1e-9))
            self.assertGreater(broken, 0, norm)

    def test_square(self):
        start = self.attack("square")
        inside = (start["x"] >= RADIUS["linf"]) & (start["x"] <= 1 - RADIUS["linf"])
        offset = (start["adversarial"] - start["x"]) / RADIUS["linf"]
        self.assertLess(np.abs(np.abs(offset[inside]) - 1).max(), 1e-9)
        signs = np.sign(offset)[:, 0]
        for image in signs:
            for stripe in image.T:
                self.assertLessEqual(len(set(stripe[stripe != 0])), 1)
        self.assertGreater(len({tuple(image[14]) for image in signs}), COUNT // 2)
        first = self.attack("square", queries=1)
        places = set()
        for x, before, after in zip(start["x"], start["adversarial"], first["adversarial"]):
            rows, columns = np.nonzero((before != after)[0])
            if not len(rows):
                continue
            # One square of side 25, the nearest to sqrt(0.8) of 28, that made the sum larger.
            self.assertLess(max(np.ptp(rows), np.ptp(columns)), 25)
            self.assertTrue((after >= before).all())
            self.assertLess(np.abs(after - np.clip(x + RADIUS["linf"], 0, 1))[before != after].max(), 1e-12)
            places.add((rows.min(), columns.min()))
        self.assertGreater(len(places), 3)
        far = self.attack("square", queries=60)
        self.assertTrue((far["adversarial"].sum((1, 2, 3)) >= first["adversarial"].sum((1, 2, 3))).all())

    def test_the_cascade(self):
        few = {"test.aa.apgd_ce.steps": 10, "test.aa.apgd_t.steps": 10, "test.aa.fab_t.steps": 5,
               "test.aa.square.queries": 20}
        out = self.folder / "out.json"
        advxtest.run(self.executable.path, "eval", "--checkpoint", self.checkpoint, "--data", self.data,
                     "--evaluation", "test", "--out", out, *advxtest.as_options(few))
        (result,) = json.loads(out.read_text())["evaluations"]
        lines = {attack["name"]: attack for attack in result["attacks"] if attack["name"].startswith("aa")}
        order = ["aa.apgd_ce", *(f"aa.apgd_t.{i}" for i in range(1, 10)),
                 *(f"aa.fab_t.{i}" for i in range(1, 10)), "aa.square"]
        accuracies = [lines[name]["accuracy"] for name in order]
        self.assertEqual(accuracies, sorted(accuracies, reverse=True))
        self.assertEqual(lines["aa"]["accuracy"], accuracies[-1])
        self.assertLess(accuracies[-1], result["attacks"][0]["accuracy"])
        objectives = [lines[f"aa.apgd_t.{i}"]["report"]["objective"] for i in range(1, 10)]
        self.assertEqual(objectives, [f"dlr_targeted(f(x'), y, ranked(f(x), {k}))" for k in range(2, 11)])

    @unittest.skipIf(importlib.util.find_spec("autoattack"), "the authors' package is installed")
    def test_the_comparison_says_what_it_lacks(self):
        result = advxtest.run("/usr/bin/python3", advxtest.SOURCE / "bench" / "compare_autoattack.py", check=False)
        self.assertEqual(result.returncode, 3)
        self.assertIn("there is no Python package `autoattack`", result.stderr)


if __name__ == "__main__":
    advxtest.main()
