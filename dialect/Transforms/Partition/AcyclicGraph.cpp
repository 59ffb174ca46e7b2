//===- AcyclicGraph.cpp - A graph whose nodes become one -------------------===//

#include "dialect/Transforms/Partition/AcyclicGraph.h"

#include "llvm/ADT/STLExtras.h"

#include <cassert>

using namespace mlir::advx;

namespace {
/// Room between neighbours of the order for what is moved there.
constexpr uint64_t labelStep = uint64_t(1) << 32;
/// A path that is not longer saves less than it costs.
constexpr int32_t shortestPath = 16;
} // namespace

AcyclicGraph::AcyclicGraph(std::vector<Edges> successors)
    : nodes(successors.size() + 1), parents(nodes.size()), seen(nodes.size(), 0) {
  // The last number is that of the node before all.
  first = static_cast<Node>(successors.size());
  for (Node node = 0; node < nodes.size(); ++node) {
    parents[node] = node;
    nodes[node].previous = node == 0 ? first : node - 1;
    nodes[node].next = node + 1;
    nodes[node].label = (uint64_t(node) + 1) * labelStep;
  }
  nodes[first].next = 0;
  nodes[first].previous = first > 0 ? first - 1 : first;
  nodes[first].label = 0;
  for (Node node = 0; node < first; ++node) {
    nodes[node].successors = std::move(successors[node]);
    for (Node successor : nodes[node].successors) {
      assert(successor > node && "an edge leads back");
      nodes[successor].predecessors.push_back(node);
    }
  }
  while (pathCount < mostPaths) {
    unsigned before = pathCount;
    findPath(pathCount);
    if (pathCount == before)
      break;
  }
}

/// The longest path through nodes that are on no other one, and what it says of every node.
void AcyclicGraph::findPath(unsigned path) {
  auto isTaken = [&](Node node) {
    for (unsigned other = 0; other < path; ++other)
      if (nodes[node].paths[other].low >= 0)
        return true;
    return false;
  };
  std::vector<int32_t> length(first, 0);
  std::vector<Node> before(first, first);
  Node end = first;
  for (Node node = 0; node < first; ++node) {
    if (isTaken(node))
      continue;
    for (Node predecessor : nodes[node].predecessors)
      if (length[predecessor] > length[node]) {
        length[node] = length[predecessor];
        before[node] = predecessor;
      }
    ++length[node];
    if (end == first || length[node] > length[end])
      end = node;
  }
  if (end == first || length[end] < shortestPath)
    return;
  ++pathCount;
  lengths[path] = length[end];
  int32_t place = length[end] - 1;
  for (Node node = end; node != first; node = before[node], --place)
    nodes[node].paths[path].low = nodes[node].paths[path].high = place;
  for (Node node = 0; node < first; ++node)
    for (Node predecessor : nodes[node].predecessors) {
      const OnPath &other = nodes[predecessor].paths[path];
      OnPath &own = nodes[node].paths[path];
      own.in = std::max({own.in, other.in, other.high});
    }
  for (Node node = first; node-- > 0;)
    for (Node successor : nodes[node].successors) {
      const OnPath &other = nodes[successor].paths[path];
      OnPath &own = nodes[node].paths[path];
      own.out = std::min(own.out, other.low >= 0 ? other.low : other.out);
    }
}

bool AcyclicGraph::hasKnownPath(Node from, Node to) const {
  for (unsigned path = 0; path < pathCount; ++path)
    if (nodes[from].paths[path].out <= nodes[to].paths[path].in)
      return true;
  return false;
}

AcyclicGraph::Node AcyclicGraph::find(Node node) {
  while (parents[node] != node)
    node = parents[node] = parents[parents[node]];
  return node;
}

/// The edges of a node, each once, to what their ends are now.
AcyclicGraph::Edges &AcyclicGraph::edges(Node node, bool forward) {
  Edges &edges = forward ? nodes[node].successors : nodes[node].predecessors;
  if (!nodes[node].isMerged)
    return edges;
  ++seenStamp;
  seen[node] = seenStamp;
  llvm::erase_if(edges, [&](Node &end) {
    end = find(end);
    return std::exchange(seen[end], seenStamp) == seenStamp;
  });
  return edges;
}

const AcyclicGraph::Search &AcyclicGraph::search(Node a, Node b) {
  a = find(a);
  b = find(b);
  if (nodes[a].label > nodes[b].label)
    std::swap(a, b);
  if (found.merges == merges && found.first == a && found.last == b)
    return found;
  found = Search();
  found.first = a;
  found.last = b;
  found.merges = merges;
  if (hasKnownPath(a, b)) {
    found.hasPath = true;
    return found;
  }
  ++stamp;
  llvm::SmallVector<Node> ahead{a}, behind{b}; // what each side has reached, its end first
  size_t aheadDone = 0, behindDone = 0, aheadCost = 0, behindCost = 0;
  while (aheadDone < ahead.size() && behindDone < behind.size()) {
    bool forward = aheadCost <= behindCost;
    Node node = forward ? ahead[aheadDone++] : behind[behindDone++];
    Node origin = forward ? a : b, target = forward ? b : a;
    const Edges &next = edges(node, forward);
    (forward ? aheadCost : behindCost) += 1 + next.size();
    for (Node end : next) {
      end = find(end);
      if (end == origin)
        continue;
      if (end == target) {
        if (node == origin)
          continue; // one step alone
        found.hasPath = true;
        return found;
      }
      NodeState &state = nodes[end];
      Node &mark = forward ? state.seenForward : state.seenBackward;
      // What follows the last leads to nothing before it.
      if (mark == stamp || state.label > nodes[b].label || state.label < nodes[a].label)
        continue;
      mark = stamp;
      if ((forward ? state.seenBackward : state.seenForward) == stamp ||
          (forward ? hasKnownPath(end, b) : hasKnownPath(a, end))) {
        found.hasPath = true;
        return found;
      }
      (forward ? ahead : behind).push_back(end);
    }
  }
  found.isForward = aheadDone == ahead.size();
  found.reached = std::move(found.isForward ? ahead : behind);
  found.reached.erase(found.reached.begin());
  return found;
}

bool AcyclicGraph::isBetween(Node a, Node b) { return search(a, b).hasPath; }

void AcyclicGraph::renumber() {
  uint64_t label = 0;
  for (Node node = nodes[first].next; node != first; node = nodes[node].next)
    nodes[node].label = label += labelStep;
}

/// Puts nodes behind `place` in the order, as they stand in the list.
void AcyclicGraph::moveBehind(Node place, llvm::ArrayRef<Node> moved) {
  if (moved.empty())
    return;
  auto unlink = [&](Node node) {
    nodes[nodes[node].previous].next = nodes[node].next;
    nodes[nodes[node].next].previous = nodes[node].previous;
  };
  llvm::for_each(moved, unlink);
  Node next = nodes[place].next;
  uint64_t end =
      next == first ? nodes[place].label + labelStep * (moved.size() + 1) : nodes[next].label;
  uint64_t step = (end - nodes[place].label) / (moved.size() + 1);
  Node at = place;
  for (Node node : moved) {
    nodes[node].label = nodes[at].label + step;
    nodes[node].previous = at;
    nodes[at].next = node;
    at = node;
  }
  nodes[at].next = next;
  nodes[next].previous = at;
  if (step == 0)
    renumber();
}

AcyclicGraph::Node AcyclicGraph::merge(Node a, Node b) {
  const Search &between = search(a, b);
  assert(!between.hasPath && "merging would make a cycle");
  Node early = between.first, late = between.last;
  llvm::SmallVector<Node> moved(between.reached);
  llvm::sort(moved, [&](Node x, Node y) { return nodes[x].label < nodes[y].label; });
  // The node with the place that the merged one takes stays.
  Node kept = between.isForward ? late : early, gone = between.isForward ? early : late;
  moveBehind(between.isForward ? late : nodes[early].previous, moved);
  ++merges;
  parents[gone] = kept;
  NodeState &into = nodes[kept], &from = nodes[gone];
  nodes[from.previous].next = from.next;
  nodes[from.next].previous = from.previous;
  auto join = [](Edges &into, Edges &from) {
    if (into.size() < from.size())
      std::swap(into, from);
    into.append(from.begin(), from.end());
    from = Edges();
  };
  join(into.successors, from.successors);
  join(into.predecessors, from.predecessors);
  into.isMerged = true;
  for (unsigned path = 0; path < pathCount; ++path) {
    OnPath &own = into.paths[path];
    const OnPath &other = from.paths[path];
    // Places of one node are neighbours: what lies between two places lies between nodes.
    if (own.low < 0 || (other.low >= 0 && other.low < own.low))
      own.low = other.low;
    own.high = std::max(own.high, other.high);
    own.in = std::max(own.in, other.in);
    own.out = std::min(own.out, other.out);
    if (own.low >= 0) {
      own.in = own.low - 1;
      own.out = own.high + 1 < lengths[path] ? own.high + 1 : INT32_MAX;
    }
  }
  return kept;
}
