"""What random pages choose from and draw beside the rest: balls of other norms, unions, the best of several
searches, augmentations, more draws and states. It has a generator of its own, so that pages which get nothing
of it stay as they are.
"""

import random
import re

IN_TURN = """solver in_turn(steps : int = 2, rel : real = 0.4) {
  maximize J over B from x
  var v = x
  repeat steps {
    let g = grad(J(v), v)
    v := best S in members(B) of project(S, v + rel * radius(S) * steepest(S, g)) by J
  }
  return v
}
"""
# What a distribution in the label's place is refused for.
ONE_CLASS = re.compile(r"except y|per class|cw\(|predict|y\[perm\]|~ classes")


class Choices:
    def __init__(self, seed, declare):
        self.random = random.Random(f"choices {seed}")
        self.declare = declare
        self.box = "box(0, 1)"  # the range of the images

    def chance(self, probability):
        return self.random.random() < probability

    def pick(self, *choices):
        return self.random.choice(choices)

    def number(self, low, high):
        return f"{self.random.uniform(low, high):.3g}"

    def ball(self):
        return self.pick(f"l1(x, radius = {self.number(0.5, 5)})", f"l2(x, radius = {self.number(0.3, 2)})",
                         f"linf(x, radius = {self.number(0.05, 0.3)})",
                         f"lp(x, p = {self.pick('3/2', '3', 'infinity', '1')}, radius = {self.number(0.3, 2)}, "
                         "halvings = 20, turns = 6)")

    def threat(self, given):
        """`given`, or sometimes another set with one radius."""
        if not self.chance(0.25):
            return given.replace("box(0, 1)", self.box)
        return self.ball() + self.pick("", f" & {self.box}", f" & {self.box}")

    def inner(self, adversary):
        """Lines that bind x'. The objective is what stands between `argmax` and `over`."""
        objective = adversary[len("argmax "):adversary.index(" over B(x)")]
        if self.chance(0.12):
            self.declare(IN_TURN)
            parts = f"{self.ball()}, {self.ball()}" + self.pick("", f", {self.ball()}")
            return [f"threat U(x) = union({parts})" + self.pick("", f" & {self.box}"),
                    f"inner x' = argmax {objective} over U(x) by in_turn(steps = {self.pick(1, 2, 3)})"]
        if self.chance(0.12):
            by = self.pick("", "", " by ce(f(x'), y)")
            return [f"inner x' = best r in 1..{self.pick(2, 3)} of {adversary}{by}"]
        if self.chance(0.12):
            condition = self.pick("epoch < 1", "f(x)[0] > f(x)[1]", "batch_mean(f(x)[0]) > 0")
            other = f"argmax {objective} over B(x) by pgd(steps = 2, step = 0.05)"
            return [f"inner x' = if {condition} then {adversary} else {other}"]
        return [f"inner x' = {adversary}"]

    def attacks(self):
        """Lines of an evaluation."""
        lines = []
        if self.chance(0.12):
            lines.append("tries = best r in 1..2 of argmax ce(f(x'), y) over B(x) by pgd(steps = 1, step = 0.1)")
        if self.chance(0.12):
            lines.append("targets = best t in classes except y of argmax f(x')[t] - f(x')[y] over B(x) "
                         "by pgd(steps = 1, step = 0.1)")
        return lines

    def drawn_and_kept(self, loss):
        """(lines, the loss with terms of them, updates of states)."""
        lines, updates = [], []
        if self.chance(0.12):
            lines.append(f"draw coin ~ bernoulli({self.number(0.2, 0.8)}){self.pick('', ' per batch')}")
            loss += " + 0.1 * (if coin then ce(f(x), y) else norm(z(x)))"
        if self.chance(0.12):
            lines.append(f"draw eta ~ uniform({self.pick('linf', 'l2', 'l1')}(0, radius = 0.1))")
            loss += " + 0.1 * ce(f(x + eta), y)"
        if self.chance(0.12):
            size = self.pick(2, 3)
            lines += [f"state count : vector[{size}] per run = {self.pick(0, 1)}",
                      f"draw place ~ categorical({list(range(1, size + 1))}) per batch"]
            loss += " + 0.01 * count[0] * ce(f(x), y)"
            updates.append("also count[place] := count[place] + batch_mean(norm(z(x)))")
        if self.chance(0.12):
            lines.append("state seen : label per example = 0")
            loss += " + 0.1 * ce(f(x), seen)"
            updates.append("also seen := predict(f(x))")
        return lines, loss, updates

    def augmentation(self, texts):
        """What stands between the parentheses of `data images()`."""
        if not self.chance(0.25):
            return ""
        chosen = self.random.sample(["hflip", "hflip(p = 0.3)", "pad_crop(1)", "cutout(2)", "cutout(3)"],
                                    self.random.randint(1, 2))
        if self.chance(0.4) and not ONE_CLASS.search("\n".join(texts)):
            chosen.append(self.pick("mixup(0.4)", "cutmix(0.7)"))
        return f"augment = [{', '.join(chosen)}]"
