"""Our random draws computed by numpy, from the layout of keys that runtime/core/Philox.h documents and
the definition of Philox4x32-10 (Salmon et al., SC 2011). With them a PyTorch program starts its attacks
where ours did and sees the examples in the same order.
"""

import numpy as np

MASK32 = np.uint64(0xFFFFFFFF)
WORD = (1 << 64) - 1


def mix(word):
    """The finaliser of SplitMix64."""
    word = (word + 0x9E3779B97F4A7C15) & WORD
    word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9 & WORD
    word = (word ^ (word >> 27)) * 0x94D049BB133111EB & WORD
    return word ^ (word >> 31)


def stream_hash(name):
    """64-bit FNV-1a."""
    value = 0xCBF29CE484222325
    for byte in name.encode():
        value = (value ^ byte) * 0x100000001B3 & WORD
    return value


def key_of(seed, stream, counters=()):
    pack = 0
    width = 64 // len(counters) if len(counters) > 1 else 0
    for counter in counters:
        pack = (pack << width if width else 0) ^ counter
    return mix((mix((mix(seed) + stream_hash(stream)) & WORD) + pack & WORD))


def philox(counter, key):
    """Ten rounds on four arrays of 32-bit words, held in 64 bits."""
    c = [np.asarray(word, np.uint64) for word in counter]
    k0, k1 = key & 0xFFFFFFFF, key >> 32
    for _ in range(10):
        p0, p1 = c[0] * np.uint64(0xD2511F53), c[2] * np.uint64(0xCD9E8D57)
        c = [(p1 >> np.uint64(32)) ^ c[1] ^ np.uint64(k0), p1 & MASK32,
             (p0 >> np.uint64(32)) ^ c[3] ^ np.uint64(k1), p0 & MASK32]
        k0, k1 = (k0 + 0x9E3779B9) & 0xFFFFFFFF, (k1 + 0xBB67AE85) & 0xFFFFFFFF
    return c


def pairs(seed, stream, rows, size, epoch, replay, counters):
    """Two uniforms in [0, 1) for each pair of the `size` elements of each row."""
    half = (size + 1) // 2
    elements = np.arange(half, dtype=np.uint64)[None, :]
    rows = np.asarray(rows, np.uint64)[:, None]
    zero = np.zeros((len(rows), half), np.uint64)
    words = philox([zero + elements, zero + rows, zero + np.uint64(epoch), zero + np.uint64(replay)],
                   key_of(seed, stream, counters))

    def unit(high, low):
        return ((high << np.uint64(32) | low) >> np.uint64(11)).astype(np.float64) * 2.0 ** -53

    return unit(words[0], words[1]), unit(words[2], words[3])


def interleave(first, second, shape):
    both = np.stack([first, second], 2).reshape(len(first), -1)
    return both[:, :int(np.prod(shape))].reshape(-1, *shape)


def uniform(seed, stream, rows, shape, epoch, replay=0, counters=(), single=False):
    """[rows, *shape] uniform in [0, 1), of the training examples `rows`; f32 is cut to 24 bits."""
    value = interleave(*pairs(seed, stream, rows, int(np.prod(shape)), epoch, replay, counters), shape)
    return (np.floor(value * 2 ** 24) * 2.0 ** -24).astype(np.float32) if single else value


def normal(seed, stream, rows, shape, epoch, replay=0, counters=(), single=False):
    """[rows, *shape] standard normal, by Box and Muller."""
    first, second = pairs(seed, stream, rows, int(np.prod(shape)), epoch, replay, counters)
    radius = np.sqrt(-2 * np.log(1 - first))
    value = interleave(radius * np.cos(2 * np.pi * second), radius * np.sin(2 * np.pi * second), shape)
    return value.astype(np.float32) if single else value


def order(count, seed, epoch, stream="shuffle"):
    """The order in which an epoch sees the first `count` training examples."""
    numbers = uniform(seed, stream, [0], (count + 1,), epoch)[0]
    items = list(range(count))
    for left in range(count, 1, -1):
        chosen = int(numbers[left] * left)
        items[left - 1], items[chosen] = items[chosen], items[left - 1]
    return items
