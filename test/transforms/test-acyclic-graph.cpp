// The graph of the partition against a plain one: what is refused, and that what is not refused
// leaves a graph without cycles.

#include "dialect/Transforms/Partition/AcyclicGraph.h"

#include <cstdio>
#include <random>
#include <set>
#include <vector>

using mlir::advx::AcyclicGraph;

namespace {

/// Edges between groups of nodes; every question is answered by a search through all of them.
struct PlainGraph {
  explicit PlainGraph(const std::vector<AcyclicGraph::Edges> &successors) {
    for (unsigned node = 0; node < successors.size(); ++node) {
      group.push_back(node);
      for (unsigned successor : successors[node])
        edges.emplace(node, successor);
    }
  }

  /// Whether a path leads from `from` to `to`, not counting the edge between them.
  bool hasPath(unsigned from, unsigned to) const {
    std::vector<unsigned> work;
    std::set<unsigned> seen;
    auto visit = [&](unsigned node, bool isFirst) {
      for (auto edge : edges) {
        unsigned next = group[edge.second];
        if (group[edge.first] == node && next != node && !(isFirst && next == to) &&
            seen.insert(next).second)
          work.push_back(next);
      }
    };
    visit(from, true);
    while (!work.empty()) {
      unsigned node = work.back();
      work.pop_back();
      if (node == to)
        return true;
      visit(node, false);
    }
    return false;
  }

  void merge(unsigned into, unsigned from) {
    for (unsigned &one : group)
      if (one == from)
        one = into;
  }

  std::vector<unsigned> group;
  std::set<std::pair<unsigned, unsigned>> edges;
};

/// A graph with a chain through `share` of its nodes, which is what makes paths known early.
bool check(unsigned seed) {
  std::mt19937 random(seed);
  auto below = [&](unsigned end) { return static_cast<unsigned>(random() % end); };
  unsigned count = 20 + below(40), share = below(4);
  std::vector<AcyclicGraph::Edges> successors(count);
  std::set<std::pair<unsigned, unsigned>> known;
  auto connect = [&](unsigned from, unsigned to) {
    if (from < to && known.emplace(from, to).second)
      successors[from].push_back(to);
  };
  unsigned previous = 0;
  for (unsigned node = 1; node < count; ++node)
    if (below(4) < share) {
      connect(previous, node);
      previous = node;
    }
  for (unsigned i = 0; i < count; ++i)
    connect(below(count), below(count));

  PlainGraph plain(successors);
  AcyclicGraph graph(successors);
  for (unsigned i = 0; i < 6 * count; ++i) {
    unsigned a = below(count), b = below(count);
    // Neighbours, which are what merges most.
    if (!successors[a].empty() && below(2))
      b = successors[a][below(static_cast<unsigned>(successors[a].size()))];
    if (graph.find(a) == graph.find(b))
      continue;
    unsigned one = plain.group[a], other = plain.group[b];
    bool expected = plain.hasPath(one, other) || plain.hasPath(other, one);
    if (graph.isBetween(a, b) != expected) {
      std::printf("seed %u: between %u and %u: expected %d\n", seed, a, b, expected);
      return false;
    }
    if (expected)
      continue;
    graph.merge(a, b);
    plain.merge(one, other);
    for (auto edge : plain.edges)
      if (plain.group[edge.first] != plain.group[edge.second] &&
          !graph.isBefore(edge.first, edge.second)) {
        std::printf("seed %u: %u no longer stands before %u\n", seed, edge.first, edge.second);
        return false;
      }
  }
  return true;
}

} // namespace

int main() {
  int passed = 0, failed = 0;
  for (unsigned seed = 0; seed < 300; ++seed)
    ++(check(seed) ? passed : failed);
  std::printf("%d passed, %d failed\n", passed, failed);
  return failed != 0;
}
